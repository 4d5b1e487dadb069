// A document that becomes too large says so, is trimmed, and goes on; nothing that was typed is refused before it must be.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CowriteClient, stockClient } from '../lib/client.mjs'
import { Server } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'

/** Of a document and of a message, in bytes. */
const LIMIT = 64 * 1024

/** A share of the limit, in percent, as bytes. */
const percent = (/** @type {number} */ n) => Math.floor((n * LIMIT) / 100)

/** @type {Server} */
let server
before(async () => {
  server = new Server(0, { args: ['--document-bytes', '64KiB', '--message-bytes', '64KiB'] })
  await server.start()
})
after(() => server.dispose())

test('a full document is trimmed and goes on', { timeout: 30_000 }, async (t) => {
  const client = await cowriteClient(t, 'full')
  client.text.insert(0, 'x'.repeat(percent(92)))
  await until('it is almost full', () => client.space)
  assert.equal(client.space?.limit, LIMIT)
  assert.equal(client.role, 'editor')

  client.text.insert(0, 'y'.repeat(percent(10)))
  await until('it is full', () => client.role === 'trimmer')
  client.text.insert(0, 'typed before the word came ')
  client.text.delete(100, 1_000)
  await client.allSaved()
  assert.equal(await server.export('full'), client.text.toString())

  const newcomer = await cowriteClient(t, 'full')
  assert.equal(newcomer.hello.role, 'trimmer')
  assert.equal(newcomer.space?.limit, LIMIT)

  client.text.delete(100, percent(10))
  await until('both may write again', () => client.role === 'editor' && newcomer.role === 'editor')
  client.text.delete(100, percent(20))
  await until('there is room', () => (client.space?.used ?? LIMIT) < percent(85))
  assert.match(await (await server.fetch('/metrics')).text(), /cowrite_documents_filled_total 1\n/)
})

test('beyond the hard limit insertions are refused, and deletions are not', { timeout: 30_000 }, async (t) => {
  const id = 'beyond'
  const client = await cowriteClient(t, id)
  const stock = await stockClient(t, server, id)
  // Each change fits into a message; the three of them do not quite fill limit and two messages.
  for (let n = 0; n < 3; n++) client.text.insert(0, 'x'.repeat(percent(97)))
  await client.allSaved()
  await until('the stock client has it all', () => stock.text.length === client.text.length)

  stock.text.insert(0, 'y'.repeat(percent(50)))
  await until('it is refused', () => stock.closed)
  assert.equal(stock.closed?.code, 4413)
  assert.match(String(stock.closed?.reason), /full/)

  client.text.delete(0, percent(250))
  await client.allSaved()
  await until('there is room', () => client.role === 'editor')
  assert.equal(await server.export(id), client.text.toString())
})

/**
 * @param {import('node:test').TestContext} t
 * @param {string} id
 */
async function cowriteClient(t, id) {
  const client = new CowriteClient(server, id)
  t.after(() => client.disconnect())
  await client.connect()
  return client
}
