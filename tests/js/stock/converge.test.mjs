// Whatever five people do, and however often they lose the connection, they end with the same document, and so does
// the server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { same, stockClient } from '../lib/client.mjs'
import { Random, seeds } from '../lib/random.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep, until } from '../lib/until.mjs'

const CLIENTS = 5
const STEPS = 400
const WORDS = ['a', 'the ', 'Straße ', '編集 ', '👩‍👩‍👧‍👦', '𝒳𝓎', '\n', '\n\n# ', '- [ ] ', 'e\u0301', ' ', 'رسالة ']
const FORMATS = [{ bold: true }, { italic: true }, { bold: null }, { link: 'https://example.org/' }, { italic: null }]

test('five stock clients with restless networks converge', { timeout: 120_000 }, async (t) => {
  const server = await startServer(t)
  for (const seed of seeds(4)) {
    await t.test(`SEED=${seed}`, async (t) => {
      t.diagnostic(`replay with SEED=${seed}`)
      const random = new Random(seed)
      const clients = await Promise.all(
        Array.from({ length: CLIENTS }, () => stockClient(t, server, `converge-${seed}`, { maxBackoffTime: 200 })),
      )

      for (let step = 0; step < STEPS; step++) {
        const client = random.pick(clients)
        if (random.chance(0.03)) comeOrGo(client)
        else edit(random, client)
        if (random.chance(0.2)) await sleep(random.int(0, 8))
      }
      for (const client of clients) client.provider.connect()

      await until('all copies are equal', () => clients.every((c) => c.provider.synced && same(c.doc, clients[0].doc)), {
        within_ms: 15_000,
      })
      const text = clients[0].text.toString()
      assert.ok(text.length > 100, 'the edits left something to compare')
      await until('the export is equal', async () => (await server.export(`converge-${seed}`)) === text)
      for (const client of clients) assert.equal(client.closed, null, 'nobody was refused')
    })
  }
})

/** @param {import('../lib/client.mjs').StockClient} client */
function comeOrGo({ provider }) {
  if (provider.shouldConnect) provider.disconnect()
  else provider.connect()
}

/**
 * @param {Random} random
 * @param {import('../lib/client.mjs').StockClient} client
 */
function edit(random, { doc, text }) {
  const string = text.toString()
  const at = boundary(string, random.int(0, text.length))
  const length = boundary(string, Math.min(at + random.int(1, 12), text.length)) - at
  doc.transact(() => {
    const kind = random.next()
    if (kind < 0.6) text.insert(at, random.pick(WORDS))
    else if (kind < 0.8) text.delete(at, length)
    else if (length > 0) text.format(at, length, random.pick(FORMATS))
  })
}

/**
 * The position, or the one after it if it lies inside a surrogate pair: Yjs itself does not converge when somebody cuts
 * one in half, so editors never do.
 *
 * @param {string} string
 * @param {number} at
 */
const boundary = (string, at) => (/[\udc00-\udfff]/.test(string[at]) ? at + 1 : at)
