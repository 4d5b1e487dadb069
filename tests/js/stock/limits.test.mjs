// Who asks for more than there is room for is told so, by a code and a sentence, and nobody else is (docs/limits.md).

import assert from 'node:assert/strict'
import net from 'node:net'
import { after, before, test } from 'node:test'
import * as encoding from 'lib0/encoding'
import { LightClient } from '../lib/light.mjs'
import { metrics } from '../lib/measure.mjs'
import { Server } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'

const ROOM = 3
const MIB = 1024 * 1024
const deadline = { timeout: 30_000 }

/** @type {Server} */
let server
before(async () => {
  const args = ['--connections-per-document', String(ROOM), '--updates-per-second', '100', '--upload-bytes', '1KiB']
  server = new Server(0, { args })
  await server.start()
})
after(() => server.dispose())

test('a request that does not end is given up', deadline, async (t) => {
  const stranger = speak(t, 'GET /ws/notes HTTP/1.1\r\nHost: ')
  assert.match(await stranger.answer, /^HTTP\/1\.1 408 /)
})

test('a request head without end is refused', deadline, async (t) => {
  const before = server.residentBytes()
  const stranger = speak(t, `GET / HTTP/1.1\r\nX: ${'x'.repeat(4 * MIB)}`)
  assert.match(await stranger.answer, /^(HTTP\/1\.1 4\d\d |$)/)
  const grown = server.residentBytes() - before
  assert.ok(grown < 2 * MIB, `memory grew by ${(grown / MIB).toFixed(1)} MiB`)
})

test('a document has so many connections', deadline, async (t) => {
  const clients = Array.from({ length: ROOM }, () => join(t, 'full'))
  await Promise.all(clients.map((client) => client.connect()))
  const late = join(t, 'full')
  await assert.rejects(late.connect())
  assert.equal(late.closed?.code, 1013)
  assert.match(String(late.closed?.reason), /document has 3 connections/)
  clients[0].disconnect()
  await until('there is room again', () => late.connect().then(() => true))
})

test('an awareness state has a size', deadline, async (t) => {
  const [other, client] = await both(t, 'presence-size')
  client.aware(1, JSON.stringify({ user: { name: 'A'.repeat(16 * 1024) } }))
  await told(client, 4413, /larger than 16384 bytes/)
  assert.ok(other.connected)
})

test('a connection speaks for so many awareness clients', deadline, async (t) => {
  const [other, client] = await both(t, 'presence-crowd')
  const states = encoding.createEncoder()
  encoding.writeVarUint(states, 9)
  for (let n = 0; n < 9; n++) {
    encoding.writeVarUint(states, 1_000 + n)
    encoding.writeVarUint(states, 1)
    encoding.writeVarString(states, '{}')
  }
  const message = encoding.createEncoder()
  encoding.writeVarUint(message, 1)
  encoding.writeVarUint8Array(message, encoding.toUint8Array(states))
  client.raw(encoding.toUint8Array(message))
  await told(client, 4413, /more than 8 awareness clients/)
  assert.ok(other.connected)
})

test('so many updates are held until what they build on has come', deadline, async (t) => {
  const [other, client] = await both(t, 'early')
  client.text = 'x' // which the server never gets
  client.flood(65)
  await told(client, 4408, /build on changes that are missing/)
  assert.ok(client.saved <= 1, 'nothing of it was acknowledged')
  assert.ok(other.connected)
})

test('who is too fast is read more slowly, and the log says so once', deadline, async (t) => {
  const [, client] = await both(t, 'fast')
  const before = (await metrics(server)).cowrite_slowed_total
  client.flood(150)
  await client.allSaved()
  assert.ok((await metrics(server)).cowrite_slowed_total > before)
  assert.equal(server.log.match(/fast.*sends more than it may/g)?.length, 1)
})

test('an upload has a size', deadline, async () => {
  const body = JSON.stringify({ text: 'x'.repeat(1025) })
  const response = await server.fetch('/api/v1/documents', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  assert.equal(response.status, 413)
  assert.match((/** @type {any} */ (await response.json())).detail, /1KiB/)
})

/** @param {import('node:test').TestContext} t @param {string} id */
function join(t, id) {
  const client = new LightClient(server, id)
  t.after(() => client.disconnect())
  return client
}

/** @param {import('node:test').TestContext} t @param {string} id */
async function both(t, id) {
  const clients = [join(t, id), join(t, id)]
  await Promise.all(clients.map((client) => client.connect()))
  return clients
}

/** @param {LightClient} client @param {number} code @param {RegExp} why */
async function told(client, code, why) {
  const end = await client.gone()
  assert.equal(end.code, code)
  assert.match(end.reason, why)
  await until('the log says so', () => why.test(server.log))
}

/**
 * Say something over a bare connection. The answer is all that came until the server hung up.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} words
 */
function speak(t, words) {
  const socket = net.connect(server.port, '127.0.0.1')
  t.after(() => socket.destroy())
  let said = ''
  const answer = new Promise((resolve) => {
    socket.on('data', (bytes) => (said += bytes))
    socket.on('error', () => {}) // a reset is one of the expected ends
    socket.once('close', () => resolve(said))
  })
  socket.write(words)
  return { answer }
}
