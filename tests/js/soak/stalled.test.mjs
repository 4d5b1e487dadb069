// Readers that stop reading cost the server little memory and the others no time, and lose nothing: who goes on in time is
// given one difference, who does not is sent away and syncs again.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { LightClient } from '../lib/light.mjs'
import { compare, every, metrics, size } from '../lib/measure.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep, until } from '../lib/until.mjs'

const STALLED = size('SOAK_STALLED', 200)
const SECONDS = size('SOAK_STALLED_SECONDS', 10)
/** How long everybody stalls at least; more than ten seconds and the server sends all of them away. */
const STALL_MS = 4_000
/** Changes that a patient reader misses at least, and gets in one update: the kernel holds some of what is written meanwhile. */
const MISSED = 100
const WRITERS = 4
const HEALTHY = 5
/** What the kernel may hold for one reader that reads nothing: what is on its way and what waits behind that. */
const KERNEL_BYTES_EACH = 1024 * 1024
/** Characters beside each token, large enough to fill the kernel's buffers within seconds. */
const PADDING = 8_000
const WRITE_EVERY_MS = 40
const MIB = 1024 * 1024

test(`${STALLED} readers that stop reading`, { timeout: 240_000 }, async (t) => {
  const server = await startServer(t)
  /** @type {LightClient[]} */
  const everybody = []
  t.after(() => everybody.forEach((client) => client.disconnect()))
  const join = async (/** @type {ConstructorParameters<typeof LightClient>[2]} */ options) => {
    const client = new LightClient(server, 'busy', options)
    everybody.push(client)
    await client.connect()
    return client
  }
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => join({})))
  const healthy = await Promise.all(Array.from({ length: HEALTHY }, () => join({ watch: true })))
  /** @type {Set<string>} */
  const written = new Set()
  const stop = every(WRITE_EVERY_MS, () => writers.forEach((writer) => written.add(writer.write(PADDING))))
  t.after(stop)
  /** @type {number[][]} */
  const rounds = []
  t.after(every(1_000, () => void rounds.push(healthy.flatMap((reader) => reader.latencies.splice(0)))))
  const latencies = () => rounds.splice(0).filter((round) => round.length > 0)

  await sleep(2_000) // what is opened for the first time is slower
  latencies()
  await sleep(SECONDS * 1_000)
  const quiet = latencies()

  const stalled = await Promise.all(
    Array.from({ length: STALLED }, (_, n) => join({ watch: true, cowrite: n % 2 === 0 })),
  )
  const [patient, late] = [stalled.filter((_, n) => n % 4 < 2), stalled.filter((_, n) => n % 4 >= 2)]
  const memory = server.residentBytes()
  let [peak, mostQueued] = [memory, 0]
  const watch = every(200, () => {
    peak = Math.max(peak, server.residentBytes())
    mostQueued = Math.max(mostQueued, queuedBytes(server))
  })
  t.after(watch)
  for (const reader of stalled) reader.pause()

  const lagging = async () => (await metrics(server)).cowrite_laggards_total
  await until('all of them lag', async () => (await lagging()) >= STALLED, { within_ms: 60_000, every_ms: 200 })
  latencies()
  await sleep(STALL_MS)
  const loaded = latencies()
  for (const reader of patient) reader.resume()
  const sentAway = async () => {
    const now = await metrics(server)
    return now['cowrite_closed_total{code="4408"}'] + now['cowrite_closed_total{code="1013"}']
  }
  // They are sent away one after the other, and told if they go on within the time that a farewell may take.
  await until('the others are sent away', async () => (await sentAway()) > 0, { within_ms: 40_000, every_ms: 50 })
  await sleep(1_000)
  watch()
  const grown = peak - memory
  for (const reader of late) reader.resume()
  const news = writers[0].write()
  written.add(news)
  const parted = () => late.every((reader) => reader.closed || reader.seen.has(news))
  await until('each of them was sent away or goes on', parted, { within_ms: 30_000 })
  const away = late.filter((reader) => reader.closed)
  const ends = away.map((reader) => ({ cowrite: reader.cowrite, code: reader.closed?.code, reason: String(reader.closed?.reason) }))
  t.diagnostic(`memory grew by ${(grown / MIB).toFixed(1)} MiB, the kernel held ${(mostQueued / MIB).toFixed(1)} MiB; ${compare(quiet, loaded)}`)

  await Promise.all(away.map((reader) => reader.connect()))
  stop()
  for (const writer of writers) await writer.allSaved()
  for (const reader of [...stalled, ...healthy]) {
    const has = async () => {
      // On a busy machine some of them fall behind a second time.
      if (late.includes(reader) && reader.closed) await reader.connect()
      return reader.seen.size === written.size
    }
    await until('everybody has everything', has, { within_ms: 30_000 })
  }
  const told = new Map()
  for (const { code } of ends) told.set(code, (told.get(code) ?? 0) + 1)
  const most = patient.map((reader) => reader.most)
  t.diagnostic(`of ${late.length} who stalled too long ${away.length} were sent away and heard ${JSON.stringify([...told])}`)
  t.diagnostic(`the others got ${Math.min(...most)} to ${Math.max(...most)} changes in one difference`)

  for (const reader of patient) assert.equal(reader.closed, null, 'who goes on in time is not sent away')
  assert.ok(Math.min(...most) >= MISSED)
  assert.ok(ends.length > 0)
  for (const { cowrite, code, reason } of ends) {
    assert.equal(code, cowrite ? 4408 : 1013)
    assert.match(reason, /what it missed comes with the next sync/)
  }
  assert.ok(healthy.every((reader) => reader.closed === null))
  assert.ok(grown <= 64 * MIB, `memory grew by ${(grown / MIB).toFixed(1)} MiB`)
  assert.ok(mostQueued <= STALLED * KERNEL_BYTES_EACH, `the kernel held ${(mostQueued / MIB).toFixed(1)} MiB`)
  assert.ok(compare(quiet, loaded).ratio <= 2, String(compare(quiet, loaded)))
})

/**
 * Bytes that the kernel holds because the server's peers have not taken them.
 *
 * @param {import('../lib/server.mjs').Server} server
 */
function queuedBytes(server) {
  const port = `:${server.port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').map((line) => line.trim().split(/\s+/))
  const queues = lines.filter((fields) => fields[1]?.endsWith(port)).map((fields) => parseInt(fields[4], 16))
  return queues.reduce((sum, bytes) => sum + bytes, 0)
}
