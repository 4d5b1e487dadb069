// A backup taken while everybody writes is one moment of all documents, and a moment that is asked for comes back as it was.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import * as Y from 'yjs'
import { CowriteClient } from '../lib/client.mjs'
import { every, size } from '../lib/measure.mjs'
import { BINARY, ENVIRONMENT, startServer } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'

const DOCUMENTS = ['one', 'two', 'three']
const WRITERS_EACH = 3
const WRITE_EVERY_MS = 10
/** Characters beside each token, gone with the next: much is journaled, and the documents stay small. */
const PADDING = 6_000
const BACKUPS = size('SOAK_BACKUPS', 5)
const BACKUP_EVERY_MS = 2_000

/** Somebody who writes tokens that say when they were sent. */
class Writer {
  /** @param {CowriteClient} client @param {string} name */
  constructor(client, name) {
    this.client = client
    this.name = name
    /** When each token was sent, and when it was heard of as saved. @type {{ n: number, sent: number, saved: number }[]} */
    this.tokens = []
    this.padded = 0
    client.onSaved = () => {
      const now = Date.now()
      for (const token of this.tokens) if (token.saved === Infinity && token.n < client.saved) token.saved = now
    }
  }

  write(padding = PADDING) {
    const { text, doc } = this.client
    const token = { n: this.client.sent, sent: Date.now(), saved: Infinity }
    this.tokens.push(token)
    doc.transact(() => {
      if (this.padded > 0) text.delete(0, Math.min(this.padded, text.toString().search(/[^x]|$/)))
      text.insert(text.length, `#${this.name}.${this.tokens.length - 1}@${token.sent};`)
      text.insert(0, 'x'.repeat(padding))
      this.padded = padding
    })
  }

  /** Check a copy of the document as it was at some moment in between. @param {string} text @param {number} saved_by @param {number} sent_by */
  assertIn(text, saved_by, sent_by) {
    const found = [...text.matchAll(new RegExp(`#${this.name}\\.(\\d+)@`, 'g'))].map((match) => Number(match[1]))
    found.sort((a, b) => a - b)
    assert.deepEqual(found, [...found.keys()], `${this.name} has no gap`)
    const least = this.tokens.filter(({ saved }) => saved <= saved_by).length
    const most = this.tokens.filter(({ sent }) => sent <= sent_by).length
    assert.ok(found.length >= least, `${this.name}: ${least} were saved, ${found.length} are there`)
    assert.ok(found.length <= most, `${this.name}: ${most} were sent, ${found.length} are there`)
  }
}

test('a backup under load is a moment of all documents, byte for byte', { timeout: 120_000 + BACKUPS * 10_000 }, async (t) => {
  const args = ['--journal-segment-bytes', '1MiB', '--checkpoint-updates', '100']
  const server = await startServer(t, { args })
  const join = joiner(t, server)
  const target = folder(t)

  /** Every state that each document has had. */
  const histories = new Map(await Promise.all(DOCUMENTS.map(async (id) => {
    const watcher = await join(id)
    const states = new Set([digest(watcher.doc)])
    watcher.doc.on('update', () => states.add(digest(watcher.doc)))
    return /** @type {const} */ ([id, states])
  })))
  const everybody = await Promise.all(DOCUMENTS.flatMap((id) =>
    Array.from({ length: WRITERS_EACH }, async (_, n) => new Writer(await join(id), `${id}-${n}`))))
  const stop = every(WRITE_EVERY_MS, () => {
    const writer = everybody[Math.floor(Math.random() * everybody.length)]
    if (writer.client.sent - writer.client.saved < 20) writer.write()
  })
  t.after(stop)
  const chain = await chained(join)
  t.after(chain.halt)
  await until('all of them write', () => everybody.every(({ client }) => client.saved > 10), { within_ms: 20_000 })

  let compared = 0
  for (let n = 0; n < BACKUPS; n++) {
    const next = performance.now() + BACKUP_EVERY_MS
    const begun = Date.now()
    const { stdout } = await run('backup', target, '--data', server.data)
    const done = Date.now()
    const restored = folder(t)
    await run('restore', target, '--data', restored)
    for (const id of DOCUMENTS) {
      const copy = await exported(restored, id)
      assert.ok(histories.get(id)?.has(digest(copy)), `${id} is as it once was`)
      const writers = everybody.filter(({ client }) => client.id === id)
      for (const writer of writers) writer.assertIn(copy.getText('content').toString(), begun, done)
      compared += 1
    }
    const a = (await exported(restored, 'chain-a')).getText('content').length
    const b = (await exported(restored, 'chain-b')).getText('content').length
    assert.ok(b === a || b === a - 1, `of a chain of changes over two documents ${a} and ${b} are there`)
    t.diagnostic(`${stdout.trim().replace(/ to \S+;/, ',')}; the backup took ${done - begun} ms`)
    await until('it is time for the next', () => performance.now() > next)
  }
  const states = [...histories.values()].reduce((sum, states) => sum + states.size, 0)
  t.diagnostic(`${compared} documents restored, each equal to one of its own states; there were ${states}`)

  stop()
  await chain.stop()
  await Promise.all(everybody.map(({ client }) => client.allSaved()))
  const { stdout } = await run('backup', target, '--data', server.data)
  assert.match(stdout, /([1-9]\d*) were there already/, 'what was copied once is not copied again')
  const restored = folder(t)
  await run('restore', target, '--data', restored)
  for (const id of DOCUMENTS) {
    const live = Buffer.from(await (await server.fetch(`/api/v1/documents/${id}/export?format=yjs`)).arrayBuffer())
    assert.ok(live.equals(await exportedBytes(restored, id)), `${id} is the live document, byte for byte`)
  }
})

test('a second that is asked for comes back', { timeout: 90_000 }, async (t) => {
  const server = await startServer(t, { args: ['--checkpoint-updates', '4'] })
  const join = joiner(t, server)
  const writers = await Promise.all(DOCUMENTS.map(async (id) => new Writer(await join(id), id)))
  const seconds = 7
  /** Whole seconds, with a token of each document in the midst of the one before, and how many each has by then. */
  const asked = []
  while (asked.length < seconds) {
    const middle = Math.ceil((Date.now() - 500) / 1_000) * 1_000 + 500
    await until('the middle of a second', () => Date.now() >= middle, { every_ms: 5 })
    for (const writer of writers) writer.write(100)
    await Promise.all(writers.map(({ client }) => client.allSaved()))
    // A disk that was busy for so long leaves open on which side of the second they are.
    if (Date.now() < middle + 450) asked.push({ moment: middle + 500, tokens: writers[0].tokens.length })
  }
  const target = folder(t)
  await run('backup', target, '--data', server.data)
  for (const { moment, tokens } of asked) {
    const restored = folder(t)
    const time = new Date(moment).toISOString().replace('.000Z', 'Z')
    await run('restore', target, '--data', restored, '--until', time)
    for (const writer of writers) {
      const text = (await exported(restored, writer.client.id)).getText('content').toString()
      assert.equal(text.match(/#/g)?.length, tokens, `${writer.name} at ${time}`)
      writer.assertIn(text, moment, moment)
    }
  }
  t.diagnostic(`${seconds} seconds of ${DOCUMENTS.length} documents, each with exactly the changes up to it`)
})

/** @param {import('node:test').TestContext} t @param {import('../lib/server.mjs').Server} server */
function joiner(t, server) {
  return async (/** @type {string} */ id) => {
    const client = new CowriteClient(server, id)
    t.after(() => client.disconnect())
    await client.connect()
    return client
  }
}

/**
 * Somebody who writes a letter in one document and, once that is saved, one in another.
 *
 * @param {(id: string) => Promise<CowriteClient>} join
 */
async function chained(join) {
  const [a, b] = await Promise.all([join('chain-a'), join('chain-b')])
  let stopped = false
  const links = (async () => {
    while (!stopped) {
      for (const client of [a, b]) {
        client.text.insert(client.text.length, 'x')
        await client.allSaved()
      }
    }
  })()
  links.catch(() => {}) // told by `stop`, unless the test ends before
  await until('the chain has begun', () => b.text.length > 0)
  const halt = () => void (stopped = true)
  return {
    halt,
    stop: async () => {
      halt()
      await links
    },
  }
}

/** @param {import('node:test').TestContext} t */
function folder(t) {
  const made = mkdtempSync(path.join(os.tmpdir(), 'cowrite-backup-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** @param {string[]} args */
const run = (...args) => promisify(execFile)(BINARY, args, { env: ENVIRONMENT })

/** @param {string} data @param {string} id */
async function exportedBytes(data, id) {
  const file = path.join(data, `${id}.yjs`)
  await run('export', id, '--data', data, '--format', 'yjs', '-o', file)
  return readFileSync(file)
}

/** @param {string} data @param {string} id */
async function exported(data, id) {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, await exportedBytes(data, id))
  return doc
}

/** What stands for a document's whole state. Encoded twice: how items were cut by the way they came shows only the first time. @param {Y.Doc} doc */
function digest(doc) {
  const clean = new Y.Doc()
  Y.applyUpdate(clean, Y.encodeStateAsUpdate(doc))
  return createHash('sha256').update(Y.encodeStateAsUpdate(clean)).digest('base64')
}
