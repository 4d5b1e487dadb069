// A day in the life of a server, the same three times over: people come and go, type, paste, delete, export. Between the days
// nobody is there, and then the server holds no more than it held the night before.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CowriteClient, StockClient } from '../lib/client.mjs'
import { LightClient } from '../lib/light.mjs'
import { metrics, size } from '../lib/measure.mjs'
import { Random, seeds } from '../lib/random.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep, until } from '../lib/until.mjs'

const PHASES = 3
const PHASE_SECONDS = size('SOAK_PHASE_SECONDS', 60)
const DOCUMENTS = size('SOAK_MIXED_DOCUMENTS', 20)
const PEOPLE = size('SOAK_MIXED_PEOPLE', 30)
/** Idle threads are ended after ten seconds. sled is opened anew after three, or after twenty times what that took the last time. */
const NIGHT_MS = size('SOAK_NIGHT_MS', 30_000)
/** A document above this many characters is cut down by whoever comes next, so that the days are alike. */
const PLENTY = 30_000
const TOLERANCE = 0.02
const MIB = 1024 * 1024

process.setMaxListeners(0) // each stock provider listens for the end of the process

test(`${PHASES} times ${PHASE_SECONDS} s of everything`, { timeout: PHASES * (PHASE_SECONDS + 120) * 1_000 }, async (t) => {
  const [seed] = seeds(1)
  t.diagnostic(`replay with SEED=${seed}`)
  // glibc counts as used what a thread keeps for its next call; so it keeps nothing here.
  const env = { GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0' }
  const server = await startServer(t, { args: ['--idle-for', '1s'], env })
  /** @type {{ heap: number, resident: number }[]} */
  const nights = []
  for (let phase = 1; phase <= PHASES; phase++) {
    const end = performance.now() + PHASE_SECONDS * 1_000
    const counts = { visits: 0, edits: 0, pastes: 0, exports: 0, uploads: 0, refused: 0 }
    await Promise.all(Array.from({ length: PEOPLE }, (_, n) => live(server, new Random(seed + n), end, counts)))
    await until('every document is put away', async () => (await metrics(server)).cowrite_live_documents === 0, {
      within_ms: 30_000,
      every_ms: 200,
    })
    await sleep(NIGHT_MS)
    const now = await metrics(server)
    assert.equal(now.cowrite_connections, 0)
    assert.equal(now.cowrite_document_crashes_total, 0)
    const heap = now.cowrite_heap_bytes
    nights.push({ heap, resident: server.residentBytes() })
    t.diagnostic(
      `phase ${phase}: ${Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ')}; ` +
        `heap ${(heap / MIB).toFixed(2)} MiB, resident ${(server.residentBytes() / MIB).toFixed(1)} MiB`,
    )
  }
  if (nights[0].heap === 0) return t.diagnostic('this allocator does not tell')
  const heaps = nights.map((night) => night.heap)
  const apart = Math.max(...heaps) / Math.min(...heaps) - 1
  t.diagnostic(`the nights are ${(apart * 100).toFixed(2)} % apart`)
  assert.ok(apart <= TOLERANCE, `the heaps of the nights are ${(apart * 100).toFixed(2)} % apart`)
})

/**
 * Somebody visits one document after the other until the day ends.
 *
 * @param {import('../lib/server.mjs').Server} server
 * @param {Random} random
 * @param {number} end
 * @param {{ visits: number, edits: number, pastes: number, exports: number, uploads: number, refused: number }} counts
 */
async function live(server, random, end, counts) {
  while (performance.now() < end) {
    const id = `doc-${random.int(0, DOCUMENTS - 1)}`
    counts.visits += 1
    if (random.chance(0.05)) {
      // Nobody can read this, and it costs the connection.
      const client = new LightClient(server, id)
      await client.connect()
      client.raw(Uint8Array.of(42))
      await client.gone()
      counts.refused += 1
    } else if (random.chance(0.1)) {
      const doomed = await server.create({ text: 'x'.repeat(random.int(1, 20_000)), title: 'Doomed', id: `upload-${random.int(0, 9)}`, again: true }).catch(() => null)
      // A connection that was kept alive may end at the moment when it is used again.
      if (doomed) await server.fetch(`/api/v1/documents/${doomed.id}`, { method: 'DELETE' }).catch(() => null)
      counts.uploads += 1
    } else if (random.chance(0.2)) {
      await server.export(id, random.pick(['txt', 'md', 'html', 'json'])).catch(() => null) // perhaps nobody made it yet
      counts.exports += 1
    } else {
      await visit(server, id, random, counts)
    }
    await sleep(random.int(0, 200))
  }
}

/**
 * Come, edit for a while, and go, now and then without a goodbye.
 *
 * @param {import('../lib/server.mjs').Server} server
 * @param {string} id
 * @param {Random} random
 * @param {{ edits: number, pastes: number }} counts
 */
async function visit(server, id, random, counts) {
  const stock = random.chance(0.4) ? new StockClient(server, id) : null
  const client = stock ?? new CowriteClient(server, id)
  await (client instanceof StockClient ? client.synced(30_000) : client.connect())
  for (let n = random.int(1, 20); n > 0; n--) {
    const { text } = client
    const at = random.int(0, text.length)
    if (text.length > PLENTY) {
      text.delete(0, text.length)
    } else if (random.chance(0.05)) {
      text.insert(at, 'All of a page. '.repeat(random.int(10, 500)))
      counts.pastes += 1
    } else if (random.chance(0.2) && at < text.length) {
      text.delete(at, Math.min(random.int(1, 50), text.length - at))
    } else {
      text.insert(at, random.pick(['a', 'word ', '👩‍👧', '\n']))
    }
    stock?.provider.awareness.setLocalStateField('cursor', { at })
    counts.edits += 1
    await sleep(random.int(5, 100))
  }
  if (client instanceof CowriteClient) {
    await client.allSaved()
    client.disconnect()
    client.doc.destroy()
  } else {
    client.leave()
  }
}
