// No bytes a peer can send stop the server, cost it memory or disturb the others on the document. Who sends what cannot
// be read is told why and closed with the code docs/protocol.md names, and the operator finds it in the log.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { stockClient } from '../lib/client.mjs'
import { metrics } from '../lib/measure.mjs'
import { BINARY, CONTINUATION, header, rawSocket } from '../lib/raw.mjs'
import { Random, seeds } from '../lib/random.mjs'
import { Server } from '../lib/server.mjs'
import { until, within } from '../lib/until.mjs'

const MALFORMED = 4422
const TOO_LARGE = 4413
const MESSAGE_BYTES = 8 * 1024 * 1024
const MIB = 1024 * 1024

/** @type {Server} */
let server
before(async () => {
  server = new Server(0)
  await server.start()
})
after(() => server.dispose())

/** Messages that mean nothing, by what is wrong with them. */
const MALFORMED_MESSAGES = {
  'an empty frame': [],
  'an unknown message type': [42, 1, 2, 3],
  'a message type without end': [0x80],
  'a message type beyond 64 bits': Array(20).fill(0xff),
  'a sync message without a kind': [0],
  'an unknown kind of sync message': [0, 7, 0],
  'an update shorter than it says': [0, 2, 100, 1, 2, 3],
  'an update that says it is 4 GiB': [0, 2, 0xff, 0xff, 0xff, 0xff, 0x0f],
  'trailing bytes': [0, 2, 2, 0, 0, 99],
  'a state vector that ends early': [0, 0, 2, 5, 1],
  'an awareness update that ends early': [1, 3, 1, 5, 1],
  'awareness that is not JSON': [1, 5, 1, 5, 1, 1, 0x7b],
  'a message only servers send': [101, 0],
}

/** Update bytes no Yjs produces, by what is wrong with them. */
const MALFORMED_UPDATES = {
  'no bytes': [],
  'random bytes': [...Buffer.from('what is this doing here, of all places')],
  'a client count without clients': [0xff, 0xff, 0x03],
  'structs that end early': [1, 1, 5, 0],
  'an unknown content type': [1, 1, 5, 0, 0x1f, 1, 1, 0x74, 0, 0],
  'a client section twice': [2, 1, 5, 0, 4, 1, 1, 0x74, 1, 0x61, 1, 5, 1, 4, 1, 1, 0x74, 1, 0x62, 0],
  'bytes after the end': [0, 0, 1, 2, 3],
  'a clock beyond all bounds': [1, 1, 5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 4, 1, 1, 0x74, 1, 0x61, 0],
}

for (const [what, bytes] of Object.entries(MALFORMED_MESSAGES)) {
  test(`closes on ${what}`, { timeout: 30_000 }, (t) =>
    othersGoOn(t, async (id) => {
      const { code, reason } = await closeAfter(id, Uint8Array.from(bytes))
      assert.equal(code, MALFORMED, reason)
      assert.match(reason, /\w+ \w+/, 'the reason is a sentence for people')
    }),
  )
}

for (const [what, bytes] of Object.entries(MALFORMED_UPDATES)) {
  test(`closes on an update with ${what}`, { timeout: 30_000 }, (t) =>
    othersGoOn(t, async (id) => {
      const { code, reason } = await closeAfter(id, updateMessage(Uint8Array.from(bytes)))
      assert.equal(code, MALFORMED, reason)
    }),
  )
}

test('closes on text', { timeout: 30_000 }, (t) =>
  othersGoOn(t, async (id) => {
    const { code } = await closeAfter(id, 'hello')
    assert.equal(code, MALFORMED)
  }),
)

test('outlives thousands of damaged updates', { timeout: 60_000 }, (t) =>
  othersGoOn(t, async (id) => {
    const [seed] = seeds(1)
    t.diagnostic(`replay with SEED=${seed}`)
    const random = new Random(seed)
    for (let n = 0; n < 1_000; n += 20) {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = await open(id)
          socket.send(updateMessage(damaged(random, sampleUpdate(random))))
          socket.terminate()
        }),
      )
    }
  }),
)

test('takes a message of exactly the limit', { timeout: 60_000 }, async (t) => {
  const id = 'limit'
  const reader = await stockClient(t, server, id)
  const message = largestUpdate()
  assert.equal(message.length, MESSAGE_BYTES)
  const socket = await open(id)
  socket.send(message)
  await until('the paste has arrived', () => reader.text.length > MESSAGE_BYTES - 1024, { within_ms: 30_000 })
  assert.equal(socket.readyState, WebSocket.OPEN)
  socket.terminate()
})

test('closes on a message one byte above the limit', { timeout: 30_000 }, (t) =>
  othersGoOn(t, async (id) => {
    const { code } = await closeAfter(id, Buffer.alloc(MESSAGE_BYTES + 1))
    assert.equal(code, TOO_LARGE)
  }),
)

test('closes on fragments that sum above the limit', { timeout: 30_000 }, (t) =>
  othersGoOn(t, async (id) => {
    const raw = await rawSocket(t, server, id)
    const part = Buffer.alloc(MIB)
    for (let n = 0; n < 9; n++) raw.frame(n === 0 ? BINARY : CONTINUATION, part, { fin: false })
    assert.equal(await raw.closed(), TOO_LARGE)
  }),
)

test('a declared 8 GiB frame costs no memory', { timeout: 60_000 }, (t) =>
  othersGoOn(t, async (id) => {
    const before = server.residentBytes()
    const raw = await rawSocket(t, server, id)
    raw.write(header(BINARY, 8 * 1024 * MIB))
    const chunk = Buffer.alloc(MIB)
    for (let n = 0; n < 64 && !raw.socket.destroyed; n++) raw.write(chunk) // as much as it cares to read
    assert.equal(await raw.closed(), TOO_LARGE)
    const grown = server.residentBytes() - before
    assert.ok(grown < 16 * MIB, `memory grew by ${(grown / MIB).toFixed(1)} MiB`)
  }),
)

test('answers that nobody takes cost no memory', { timeout: 60_000 }, (t) =>
  othersGoOn(t, async (id) => {
    const large = `${id}-large`
    const [writer, reader] = await Promise.all([stockClient(t, server, large), stockClient(t, server, large)])
    writer.text.insert(0, 'x'.repeat(2 * MIB))
    await until('the text is there', () => reader.text.length >= 2 * MIB)
    const before = server.residentBytes()
    const raw = await rawSocket(t, server, large)
    raw.socket.pause()
    const question = Uint8Array.from([0, 0, 3, 1, 9, 1]) // "I have one letter of client 9": each answer is made anew
    for (let n = 0; n < 400; n++) raw.frame(BINARY, question)
    let peak = before
    await until('it is sent away', async () => {
      peak = Math.max(peak, server.residentBytes())
      return (await metrics(server))['cowrite_closed_total{code="1013"}'] > 0
    }, { within_ms: 30_000 })
    raw.socket.resume()
    assert.equal(await raw.closed(), 1013)
    const grown = peak - before
    t.diagnostic(`memory grew by ${(grown / MIB).toFixed(1)} MiB for 800 MiB of answers`)
    assert.ok(grown < 62 * MIB, `memory grew by ${(grown / MIB).toFixed(1)} MiB`)
  }),
)

test('closes on an unmasked frame', { timeout: 30_000 }, (t) =>
  othersGoOn(t, async (id) => {
    const raw = await rawSocket(t, server, id)
    raw.frame(BINARY, Uint8Array.from([0, 0, 1, 0]), { masked: false })
    const code = await raw.closed()
    assert.ok(code === 1002 || code === MALFORMED || code === null, `closed with ${code}`)
  }),
)

test('closes on a reserved opcode', { timeout: 30_000 }, (t) =>
  othersGoOn(t, async (id) => {
    const raw = await rawSocket(t, server, id)
    raw.frame(0x5, Uint8Array.from([1]))
    const code = await raw.closed()
    assert.ok(code === 1002 || code === MALFORMED || code === null, `closed with ${code}`)
  }),
)

let documents = 0

/**
 * Run something bad on a document that two others edit: they go on, connected all the while, and the log tells of it.
 *
 * @param {import('node:test').TestContext} t
 * @param {(id: string) => Promise<void>} bad
 */
async function othersGoOn(t, bad) {
  const id = `frames-${++documents}`
  const [ann, bob] = await Promise.all([stockClient(t, server, id), stockClient(t, server, id)])
  ann.text.insert(0, 'before ')
  const logged = server.log.length

  await bad(id)

  ann.text.insert(0, 'after ')
  await until('the other has both edits', () => bob.text.toString() === 'after before ')
  for (const client of [ann, bob]) assert.deepEqual(client.counts, { sockets: 1, disconnections: 0 })
  await until('the log says why', () => new RegExp(`${id}.*(Malformed|TooLarge|Resync).*: .+`).test(server.log.slice(logged)))
  ann.leave()
  bob.leave()
}

/** @param {string} id */
async function open(id) {
  const socket = new WebSocket(`${server.wsUrl}/${id}`)
  socket.on('error', () => {}) // a reset while still sending is one of the expected ends
  await within('a socket to open', new Promise((opened) => socket.once('open', opened)))
  return socket
}

/**
 * Send one message and see how the server closes.
 *
 * @param {string} id
 * @param {Uint8Array | string} message
 * @returns {Promise<{ code: number, reason: string }>}
 */
async function closeAfter(id, message) {
  const socket = await open(id)
  /** @type {Promise<{ code: number, reason: string }>} */
  const closed = new Promise((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  socket.send(message)
  return await within('the server to close', closed)
}

/** @param {Uint8Array} update */
function updateMessage(update) {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  encoding.writeVarUint(encoder, 2)
  encoding.writeVarUint8Array(encoder, update)
  return encoding.toUint8Array(encoder)
}

/** An update that pastes as much text as one message holds. */
function largestUpdate() {
  let length = MESSAGE_BYTES - 64
  for (;;) {
    const doc = new Y.Doc()
    doc.clientID = 0x7fffffff
    doc.getText('content').insert(0, 'x'.repeat(length))
    const message = updateMessage(Y.encodeStateAsUpdate(doc))
    if (message.length === MESSAGE_BYTES) return message
    length += MESSAGE_BYTES - message.length
  }
}

/** @param {Random} random */
function sampleUpdate(random) {
  const doc = new Y.Doc()
  // A name of its own: a damaged update may still be a valid one, and must not touch the text the others compare.
  const text = doc.getText('else')
  for (let n = random.int(1, 8); n > 0; n--) {
    text.insert(random.int(0, text.length), random.pick(['word ', '👩‍👧', 'x']))
    if (random.chance(0.3)) text.delete(0, random.int(1, text.length))
    if (random.chance(0.3)) text.format(0, text.length, { bold: true })
  }
  return Y.encodeStateAsUpdate(doc)
}

/**
 * @param {Random} random
 * @param {Uint8Array} update
 */
function damaged(random, update) {
  const bytes = Uint8Array.from(update)
  for (let n = random.int(1, 3); n > 0; n--) bytes[random.int(0, bytes.length - 1)] = random.int(0, 255)
  return random.chance(0.2) ? bytes.subarray(0, random.int(0, bytes.length)) : bytes
}
