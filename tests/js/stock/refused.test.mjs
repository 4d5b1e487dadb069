// Many clients ignore why they were closed and come straight back. Who is refused again and again waits longer before each
// close, and nobody who is accepted waits for them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StockClient, stockClient } from '../lib/client.mjs'
import { LightClient } from '../lib/light.mjs'
import { metrics } from '../lib/measure.mjs'
import { startServer } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'

test('a stock client that ignores that its document is gone comes back ever less often', { timeout: 60_000 }, async (t) => {
  const server = await startServer(t)
  const { id } = await server.create({ title: 'soon gone' })
  const response = await server.fetch(`/api/v1/documents/${id}`, { method: 'DELETE' })
  assert.ok(response.ok)

  /** When it was closed, in milliseconds, and how. @type {{ at: number, code: number }[]} */
  const closes = []
  // As `y-websocket` was before version 3.1: no code keeps it away, and it never waits for long.
  const stubborn = new StockClient(server, id, { shouldReconnect: () => true, maxBackoffTime: 50 })
  t.after(() => stubborn.leave())
  stubborn.provider.on('connection-close', (event) => closes.push({ at: performance.now(), code: Number(event?.code) }))

  await until('it was refused six times', () => closes.length >= 6, { within_ms: 30_000 })
  const waits = closes.slice(1).map(({ at }, n) => at - closes[n].at)
  t.diagnostic(`closed after ${waits.map((wait) => wait.toFixed(0)).join(', ')} ms`)
  assert.ok(closes.every(({ code }) => code === 4404))
  for (const [n, least] of [250, 500, 1_000, 2_000, 4_000].entries()) assert.ok(waits[n] >= least, `${waits[n]} ms`)

  const begun = performance.now()
  const accepted = await stockClient(t, server, 'here')
  const elsewhere = new LightClient(server, id, { from: '127.0.0.2' })
  await assert.rejects(elsewhere.connect(), /4404/)
  assert.ok(performance.now() - begun < 2_000, 'others are accepted and refused at once')
  assert.ok((await metrics(server)).cowrite_refusals_delayed_total >= 5)
  assert.equal(accepted.closed, null)
})

test('who is refused while it still has a good connection keeps that one', { timeout: 60_000 }, async (t) => {
  const server = await startServer(t, { args: ['--connections-per-document', '2'] })
  const [writer, reader] = [new LightClient(server, 'small'), new LightClient(server, 'small', { watch: true })]
  t.after(() => [writer, reader].forEach((client) => client.disconnect()))
  await Promise.all([writer.connect(), reader.connect()])
  let refused = 0
  const knock = async () => {
    for (let n = 0; n < 4; n++) {
      const late = new LightClient(server, 'small')
      await assert.rejects(late.connect(), /1013/)
      refused += 1
    }
  }
  const knocking = knock()
  while (refused < 4) {
    const token = writer.write()
    await until('the reader has it', () => reader.seen.has(token), { within_ms: 500, every_ms: 5 })
  }
  await knocking
  assert.equal(writer.closed, null)
  assert.equal(reader.closed, null)
})
