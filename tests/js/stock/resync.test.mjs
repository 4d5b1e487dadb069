// Who falls behind or says something too early is put right, and a stock client gets there by itself: it takes any close
// code from 4400 to 4499 for "never come back", so it must not be sent one for this.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as encoding from 'lib0/encoding'
import * as sync from 'y-protocols/sync'
import * as Y from 'yjs'
import { CowriteClient, freshCopy, same, stockClient } from '../lib/client.mjs'
import { LightClient } from '../lib/light.mjs'
import { every, metrics } from '../lib/measure.mjs'
import { startProxy } from '../lib/proxy.mjs'
import { Server } from '../lib/server.mjs'
import { sleep, until } from '../lib/until.mjs'

/** @type {Server} */
let server
before(async () => {
  server = new Server(0)
  await server.start()
})
after(() => server.dispose())

test('an update before the one it builds on waits for it', { timeout: 30_000 }, async (t) => {
  const [first, second] = consecutiveUpdates()
  const writer = await stockClient(t, server, 'early')
  const reader = await stockClient(t, server, 'early')

  writer.provider.ws?.send(message(second))
  writer.provider.ws?.send(message(first))

  await until('both have arrived, in order', () => reader.text.toString() === 'one two')
  assert.deepEqual(writer.counts, { sockets: 1, disconnections: 0 })
  assert.equal(await server.export('early'), 'one two')
})

test('an update whose forerunner never comes ends in a resync', { timeout: 60_000 }, async (t) => {
  const [, second] = consecutiveUpdates()
  const writer = await stockClient(t, server, 'gap', { maxBackoffTime: 500 })
  const reader = await stockClient(t, server, 'gap')

  writer.provider.ws?.send(message(second))
  await until('the writer is asked to resync', () => writer.counts.disconnections === 1, { within_ms: 20_000 })

  await writer.synced()
  assert.equal(writer.closed, null)
  writer.text.insert(0, 'and goes on')
  await until('the reader follows', () => reader.text.toString() === 'and goes on')
  assert.deepEqual(reader.counts, { sockets: 1, disconnections: 0 })
})

test('a cowrite client is told so by code', { timeout: 60_000 }, async (t) => {
  const [, second] = consecutiveUpdates()
  const client = new CowriteClient(server, 'gap-told')
  t.after(() => client.disconnect())
  await client.connect()
  client.sendUpdate(second)
  await until('it is closed', () => client.closed, { within_ms: 20_000 })
  assert.equal(client.closed?.code, 4408)
  assert.match(String(client.closed?.reason), /\w+ \w+/)
  assert.ok(client.saved < client.sent, 'and what was held was never acknowledged')
})

for (const outage_ms of [500, 15_000]) {
  test(`who could not be reached for ${outage_ms} ms while much was written catches up`, { timeout: 90_000 }, async (t) => {
    const id = `laggard-${outage_ms}`
    const proxy = await startProxy(t, server)
    const writer = await stockClient(t, server, id)
    const laggard = await stockClient(t, proxy, id, { maxBackoffTime: 500 })
    laggard.text.insert(0, 'here ')
    await until('they are together', () => writer.text.toString() === 'here ')
    const before = server.residentBytes()

    proxy.silence()
    const page = 'x'.repeat(1024 * 1024)
    for (let n = 0; n < 24; n++) {
      writer.text.insert(5, page)
      writer.text.delete(5, page.length)
      await until('it is sent', () => writer.unsent === 0)
    }
    writer.text.insert(5, 'and there')
    laggard.text.insert(0, 'still ')
    await sleep(outage_ms)
    const grown = (server.residentBytes() - before) / 1024 / 1024
    t.diagnostic(`memory grew by ${grown.toFixed(1)} MiB while 24 MiB could not be delivered`)
    assert.ok(grown < 64, 'what nobody reads is not piled up')
    proxy.pass()

    await until('both have it all', () => same(writer.doc, laggard.doc), { within_ms: 30_000 })
    assert.equal(writer.text.toString(), 'still here and there')
    assert.equal(laggard.closed, null)
    assert.deepEqual(writer.counts, { sockets: 1, disconnections: 0 })
  })
}

test('a reader that stalls for 20 s is told why it was sent away once it reads again', { timeout: 90_000 }, async (t) => {
  const [writer, ...readers] = [true, true, false].map((cowrite, n) => {
    const client = new LightClient(server, 'stalls', { cowrite, watch: n > 0 })
    t.after(() => client.disconnect())
    return client
  })
  await Promise.all([writer, ...readers].map((client) => client.connect()))
  const before = await metrics(server)
  const sentAway = async () => {
    const now = await metrics(server)
    return ['4408', '1013'].every((code) => now[closes(code)] > before[closes(code)])
  }

  for (const reader of readers) reader.pause()
  const stalled = performance.now()
  const stop = every(10, () => writer.write(8_000))
  t.after(stop)
  await until('both are sent away', sentAway, { within_ms: 40_000, every_ms: 100 })
  await sleep(Math.max(0, stalled + 20_000 - performance.now()))
  stop()
  for (const reader of readers) reader.resume()

  for (const reader of readers) {
    const { code, reason } = await reader.gone()
    t.diagnostic(`of ${writer.tokens} tokens ${reader.seen.size} came before ${code}`)
    assert.equal(code, reader.cowrite ? 4408 : 1013)
    assert.match(reason, /what it missed comes with the next sync/)
    for (let n = 0; n < reader.seen.size; n++) {
      assert.ok(reader.seen.has(`${writer.number}.${n}`), `${n} is missing among the first ${reader.seen.size}`)
    }
    await reader.connect()
    await until('it has everything', () => reader.seen.size === writer.tokens)
  }
  const fresh = await freshCopy(server, 'stalls')
  assert.equal(fresh.getText('content').toString().match(/#/g)?.length, writer.tokens)
})

/** The metric of closes by code. @param {string} code */
const closes = (code) => `cowrite_closed_total{code="${code}"}`

/** Two updates of somebody new, the second of which builds on the first. */
function consecutiveUpdates() {
  const doc = new Y.Doc()
  /** @type {Uint8Array[]} */
  const updates = []
  doc.on('update', (update) => updates.push(update))
  doc.getText('content').insert(0, 'one ')
  doc.getText('content').insert(4, 'two')
  return updates
}

/** @param {Uint8Array} update */
function message(update) {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  sync.writeUpdate(encoder, update)
  return encoding.toUint8Array(encoder)
}
