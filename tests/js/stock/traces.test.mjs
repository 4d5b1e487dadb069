// Two real writing sessions, keystroke by keystroke, through one stock client while another follows, survive as they
// were typed: in the follower, in the export and after a kill.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as Y from 'yjs'
import { CowriteClient, freshCopy, stockClient } from '../lib/client.mjs'
import { startServer } from '../lib/server.mjs'
import { loadTrace } from '../lib/traces.mjs'
import { until } from '../lib/until.mjs'

/** The writer pauses while this much waits in its socket, or the whole trace would sit in memory. */
const UNSENT_BYTES = 64 * 1024

for (const [name, within_ms] of /** @type {const} */ ([
  ['sveltecomponent', 60_000],
  ['automerge-paper', 180_000],
])) {
  test(`${name} arrives as it was typed and survives a kill`, { timeout: within_ms + 60_000 }, async (t) => {
    const trace = loadTrace(t, name)
    if (!trace) return
    const server = await startServer(t, { restarts: true })
    const writer = await stockClient(t, server, name)
    const follower = await stockClient(t, server, name)

    const started = performance.now()
    await replay(trace, writer, within_ms)
    await until('the follower has it all', () => hasAllOf(follower, writer), { within_ms })
    const seconds = (performance.now() - started) / 1000
    t.diagnostic(`${trace.txns.length} updates in ${seconds.toFixed(1)} s: ${Math.round(trace.txns.length / seconds)}/s`)

    assertText(writer.text.toString(), trace.endContent, 'writer')
    assertText(follower.text.toString(), trace.endContent, 'follower')
    assertText(await server.export(name), trace.endContent, 'export')
    assert.deepEqual(writer.counts, { sockets: 1, disconnections: 0 })
    assert.deepEqual(follower.counts, { sockets: 1, disconnections: 0 })

    await everythingSaved(server, name)
    writer.leave()
    follower.leave()
    await server.kill()
    await server.start()
    assertText((await freshCopy(server, name, 30_000)).getText('content').toString(), trace.endContent, 'after the kill')
    assertText(await server.export(name), trace.endContent, 'export after the kill')
  })
}

/**
 * @param {import('../lib/traces.mjs').Trace} trace
 * @param {import('../lib/client.mjs').StockClient} writer
 * @param {number} within_ms
 */
async function replay(trace, writer, within_ms) {
  const { doc, text } = writer
  for (let n = 0; n < trace.txns.length; n++) {
    doc.transact(() => {
      for (const [position, deleted, inserted] of trace.txns[n].patches) {
        if (deleted > 0) text.delete(position, deleted)
        if (inserted) text.insert(position, inserted)
      }
    })
    if (n % 100 === 99) {
      await new Promise((turn) => setImmediate(turn))
      if (writer.unsent > UNSENT_BYTES) {
        await until('the socket drains', () => writer.unsent < UNSENT_BYTES / 2, { within_ms, every_ms: 1 })
      }
    }
  }
}

/**
 * The length alone is no sign: the text had its last length before. Nor are the clocks: a deletion moves none.
 *
 * @param {import('../lib/client.mjs').StockClient} follower
 * @param {import('../lib/client.mjs').StockClient} writer
 */
function hasAllOf(follower, writer) {
  const clock = (/** @type {Y.Doc} */ doc) => Buffer.from(Y.encodeStateVector(doc)).toString('hex')
  return clock(follower.doc) === clock(writer.doc) && follower.text.length === writer.text.length
}

/**
 * A stock client cannot know what is saved. But a Saved covers everything the document contained, so an onlooker that
 * sends an empty sync can ask for it.
 *
 * @param {import('../lib/server.mjs').Server} server
 * @param {string} id
 */
async function everythingSaved(server, id) {
  const onlooker = new CowriteClient(server, id)
  await onlooker.connect()
  await onlooker.allSaved(20_000)
  onlooker.disconnect()
}

/**
 * Without a diff of 100 KB.
 *
 * @param {string} actual
 * @param {string} expected
 * @param {string} whose
 */
function assertText(actual, expected, whose) {
  if (actual === expected) return
  let at = 0
  while (actual[at] === expected[at]) at++
  const around = (/** @type {string} */ s) => JSON.stringify(s.slice(Math.max(0, at - 20), at + 20))
  assert.fail(
    `${whose}: ${actual.length} characters instead of ${expected.length}, first difference at ${at}: ` +
      `${around(actual)} instead of ${around(expected)}`,
  )
}
