// What was acknowledged is there after a kill -9 at any moment, the deletions too, on one data folder all along; and so is what anybody
// else has seen. COWRITE_KILLS sets the cycles. What nobody has seen or been told of may be there or not.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { CowriteClient, freshCopy, same } from '../lib/client.mjs'
import { Random, seeds } from '../lib/random.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep, within } from '../lib/until.mjs'

const KILLS = Number(process.env.COWRITE_KILLS ?? 50)
const DOCUMENTS = ['crash-a', 'crash-b', 'crash-c']
const WRITERS_EACH = 2
/** Each word a writer inserts has this many characters and is unlike any other. */
const WORD = 8
/** Above this a writer deletes more often than it inserts, to keep a thousand cycles fast. */
const PLENTY = 400

test(`${KILLS} kills lose nothing that was acknowledged`, { timeout: 60_000 + KILLS * 3_000 }, async (t) => {
  const [seed] = seeds(1)
  t.diagnostic(`replay with SEED=${seed}`)
  const random = new Random(seed)
  const server = await startServer(t, { restarts: true })
  const books = new Map(DOCUMENTS.map((id) => [id, new Book()]))
  const writers = DOCUMENTS.flatMap((id) =>
    Array.from({ length: WRITERS_EACH }, () => new Writer(server, id, /** @type {Book} */ (books.get(id)), random)),
  )
  t.after(() => writers.forEach((writer) => writer.client.disconnect()))
  const totals = { kills: 0, acknowledged: 0, seen: 0, lost: 0, slowest_start_ms: 0 }
  /** @type {string[]} */
  const problems = []

  while (totals.kills < KILLS) {
    await writeFor(writers, random.int(10, 150))
    await server.kill()
    totals.kills += 1
    for (const writer of writers) writer.stop()

    if (random.chance(0.1) && totals.kills < KILLS) {
      server.spawn() // and again, while it starts
      await sleep(random.int(0, 40))
      await server.kill()
      totals.kills += 1
    }
    const asked = performance.now()
    await server.start().catch((error) => {
      t.diagnostic(`refused to start after ${totals.kills} kills`)
      throw error
    })
    totals.slowest_start_ms = Math.max(totals.slowest_start_ms, Math.round(performance.now() - asked))

    for (const [id, book] of books) {
      const lost = book.compare((await freshCopy(server, id)).getText('content').toString())
      totals.lost += lost.length
      for (const word of lost) problems.push(`kill ${totals.kills}, ${id}: ${word}`)
    }
    if (problems.length > 0) break
  }
  for (const book of books.values()) {
    totals.acknowledged += book.acknowledged
    totals.seen += book.seen
  }
  t.diagnostic(Object.entries(totals).map(([name, count]) => `${name} ${count}`).join(', '))
  assert.deepEqual(problems.slice(0, 20), [])
  assert.ok(totals.acknowledged > KILLS && totals.seen > KILLS, 'there was something to lose')

  await t.test('and deleting data/sled loses nothing', { timeout: 60_000 }, async () => {
    await writeFor(writers, 50)
    for (const writer of writers) {
      await writer.client.allSaved()
      writer.stop()
    }
    const before = await copies(server)
    await server.stop()
    rmSync(path.join(server.data, 'sled'), { recursive: true })
    await server.start()
    const after = await copies(server)
    for (const [n, id] of DOCUMENTS.entries()) {
      assert.ok(before[n].getText('content').length > 0)
      assert.ok(same(before[n], after[n]), `${id} is as before`)
    }
  })
})

/** @param {import('../lib/server.mjs').Server} server */
const copies = (server) => Promise.all(DOCUMENTS.map((id) => freshCopy(server, id)))

/**
 * Everybody comes back and writes until the time is up.
 *
 * @param {Writer[]} writers
 * @param {number} ms
 */
async function writeFor(writers, ms) {
  await within('the writers to come back', Promise.all(writers.map((writer) => writer.comeBack())))
  const end = performance.now() + ms
  while (performance.now() < end) {
    for (const writer of writers) writer.edit()
    await sleep(1)
  }
}

/** What is known about one document: of each word, what was asked for and what was acknowledged. */
class Book {
  constructor() {
    /** @type {Map<string, { inserted: boolean, deleting: boolean, deleted: boolean, seen: boolean }>} */
    this.words = new Map()
    this.acknowledged = 0
    this.seen = 0
    this.next = 0
  }

  /** A word nobody wrote before. */
  word() {
    const word = (this.next++).toString(36).padStart(WORD - 1, '0') + ' '
    this.words.set(word, { inserted: false, deleting: false, deleted: false, seen: false })
    return word
  }

  /**
   * @param {string} word
   * @param {'inserted' | 'deleted'} what
   */
  acknowledge(word, what) {
    const known = this.words.get(word)
    if (!known || known[what]) return
    known[what] = true
    this.acknowledged += 1
  }

  /**
   * What a copy taken after a kill lacks.
   *
   * @param {string} text
   */
  compare(text) {
    const lost = []
    const present = new Set(text.match(new RegExp(`[^]{1,${WORD}}`, 'g')))
    for (const word of present) if (!this.words.has(word)) lost.push(`${JSON.stringify(word)} was never written`)
    for (const [word, { inserted, deleting, deleted, seen }] of this.words) {
      if (inserted && !deleting && !present.has(word)) lost.push(`${word} was acknowledged and is gone`)
      else if (deleted && present.has(word)) lost.push(`the deletion of ${word} was acknowledged and is undone`)
      else if (seen && !deleting && !present.has(word)) lost.push(`${word} was seen by others and is gone`)
      if (deleted && !present.has(word)) this.words.delete(word) // if it ever comes back, nobody wrote it
    }
    return lost
  }
}

/** Somebody who keeps a copy and comes back with it after each kill. */
class Writer {
  /**
   * @param {import('../lib/server.mjs').Server} server
   * @param {string} id
   * @param {Book} book
   * @param {Random} random
   */
  constructor(server, id, book, random) {
    this.client = new CowriteClient(server, id)
    this.book = book
    this.random = random
    /** Edits whose message was not acknowledged yet. @type {{ message: number, word: string, what: 'inserted' | 'deleted' }[]} */
    this.pending = []
    this.client.onSaved = (n) => {
      while (this.pending.length > 0 && this.pending[0].message <= n) {
        const { word, what } = /** @type {typeof this.pending[0]} */ (this.pending.shift())
        book.acknowledge(word, what)
      }
    }
    this.client.text.observe((event) => {
      if (event.transaction.origin !== this.client) return
      for (const { insert } of event.delta) {
        for (const word of String(insert ?? '').match(new RegExp(`[^]{${WORD}}`, 'g')) ?? []) {
          const known = book.words.get(word)
          if (!known || known.seen) continue
          known.seen = true
          book.seen += 1
        }
      }
    })
  }

  async comeBack() {
    for (const edit of this.pending) edit.message = 0 // the answer to sync step 1 carries them all
    if (!this.client.connected) await this.client.connect()
  }

  stop() {
    this.client.disconnect()
  }

  edit() {
    const { client, random, book } = this
    if (!client.connected) return
    const words = client.text.length / WORD
    const at = random.int(0, words) * WORD
    if (words > 0 && at < client.text.length && random.chance(words > PLENTY ? 0.7 : 0.3)) {
      const word = client.text.toString().slice(at, at + WORD)
      const known = book.words.get(word)
      if (known) known.deleting = true
      client.text.delete(at, WORD)
      this.pending.push({ message: client.sent - 1, word, what: 'deleted' })
    } else {
      const word = book.word()
      client.text.insert(at, word)
      this.pending.push({ message: client.sent - 1, word, what: 'inserted' })
    }
  }
}
