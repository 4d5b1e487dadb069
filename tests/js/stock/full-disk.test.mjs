// A disk that is really full. Nothing is called saved that is not, everybody writes on in memory, and all of it is saved within
// ten seconds of there being space again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CowriteClient, freshCopy, same, stockClient } from '../lib/client.mjs'
import { noSmallDisk, smallDisk } from '../lib/disk.mjs'
import { every, size } from '../lib/measure.mjs'
import { Server } from '../lib/server.mjs'
import { sleep, until } from '../lib/until.mjs'

/** Enough for sled to be given something while the disk is not full. */
const DISK_MIB = 128
const DOCUMENTS = 5
/** How long the disk stays full while everybody writes. */
const FULL_MS = size('SOAK_FULL_SECONDS', 3) * 1_000

test('a full disk saves nothing and loses nothing, and saving goes on with the space', { timeout: 90_000 + FULL_MS }, async (t) => {
  const problem = noSmallDisk()
  if (problem) {
    t.diagnostic(`skipped: ${problem}`)
    return t.skip(problem)
  }
  // Snapshots are taken often, so that some fall due while there is no room for them.
  const server = new Server(0, { args: ['--checkpoint-updates', '20', '--idle-for', '1s'] })
  t.after(() => server.dispose())
  const disk = await smallDisk(t, server.data, DISK_MIB)
  server.prefix = disk.prefix
  await server.start()

  const writers = Array.from({ length: DOCUMENTS }, (_, n) => new CowriteClient(server, `doc-${n}`))
  t.after(() => writers.forEach((writer) => writer.disconnect()))
  await Promise.all(writers.map((writer) => writer.connect()))
  const reader = await stockClient(t, server, 'doc-0')
  let words = 0
  const write = () => writers.forEach((writer) => writer.text.insert(writer.text.length, `word ${words++}, `))
  const stop = every(20, write)
  t.after(stop)
  await until('it works', () => writers.every((writer) => writer.saved > 10))

  disk.fill()
  await until('everybody is told', () => writers.every((writer) => writer.storage), { within_ms: 15_000 })
  for (const writer of writers) assert.match(String(writer.storage), /the disk is full/)
  const ready = await server.fetch('/readyz')
  assert.equal(ready.status, 503)
  assert.match((/** @type {any} */ (await ready.json())).reasons.join(), /read-only: the disk is full/)
  assert.equal((await server.fetch('/healthz')).status, 200)

  const saved = writers.map((writer) => writer.saved)
  await sleep(FULL_MS)
  assert.deepEqual(writers.map((writer) => writer.saved), saved, 'nothing is called saved meanwhile')
  assert.ok(writers.every((writer) => writer.connected && writer.sent > writer.saved))
  await until('others see what is written', () => reader.text.length > 0 && same(reader.doc, writers[0].doc), { every_ms: 1 })
  const newcomer = await freshCopy(server, 'doc-1')
  assert.ok(newcomer.getText('content').length > 0, 'and so does who comes now')

  const freed = performance.now()
  disk.makeSpace()
  await until('everybody hears of it', () => writers.every((writer) => writer.storage === null))
  const sent = writers.map((writer) => writer.sent)
  await until('all of it is saved', () => writers.every((writer, n) => writer.saved >= sent[n]))
  const took_s = (performance.now() - freed) / 1_000
  t.diagnostic(`${sent.reduce((sum, n, at) => sum + n - saved[at], 0)} changes were saved ${took_s.toFixed(1)} s after there was space`)
  assert.ok(took_s <= 10, `${took_s} s`)
  assert.equal((await server.fetch('/readyz')).status, 200)

  stop()
  await Promise.all(writers.map((writer) => writer.allSaved()))
  await server.kill()
  server.port = 0
  await server.start()
  for (const writer of writers) assert.ok(same(await freshCopy(server, writer.id), writer.doc), writer.id)
})
