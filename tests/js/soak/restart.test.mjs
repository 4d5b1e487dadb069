// A server that dies under thousands of clients has them all back soon, and with all they wrote.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshCopy } from '../lib/client.mjs'
import { LightClient } from '../lib/light.mjs'
import { percentile, size } from '../lib/measure.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep, until } from '../lib/until.mjs'

const CLIENTS = size('SOAK_CLIENTS', 2_000)
const DOCUMENTS = size('SOAK_DOCUMENTS', 50)
/** Connections that are opened at a time when nothing is the matter. */
const AT_ONCE = 100

/** When a client tries again, in milliseconds, after so many failures. */
const BACKOFFS = {
  /** As the web app does it (web/src/sync/backoff.ts): full jitter, so that nobody comes in step. */
  'with jitter': (/** @type {number} */ failures) => 250 + Math.random() * (Math.min(30_000, 1_000 * 2 ** Math.max(0, failures - 1)) - 250),
  /** As a stock `y-websocket` does it: everybody in step. */
  'in step': (/** @type {number} */ failures) => Math.min(2_500, 100 * 2 ** failures),
}

for (const [how, delay] of Object.entries(BACKOFFS)) {
  test(`${CLIENTS} clients come back at once, ${how}`, { timeout: 300_000 }, async (t) => {
    const server = await startServer(t, { restarts: true })
    const clients = Array.from({ length: CLIENTS }, (_, n) => new LightClient(server, `doc-${n % DOCUMENTS}`, { watch: true }))
    t.after(() => clients.forEach((client) => client.disconnect()))
    for (let n = 0; n < CLIENTS; n += AT_ONCE) {
      await Promise.all(clients.slice(n, n + AT_ONCE).map((client) => client.connect()))
    }
    for (const client of clients) client.write()
    for (const client of clients) await client.allSaved(60_000)

    for (const client of clients) client.write() // and nobody waits for this one
    await server.kill()
    for (const client of clients) await client.gone()
    await server.start()

    const started = performance.now()
    /** @type {number[]} */
    const back_ms = []
    let attempts = 0
    const comeBack = async (/** @type {LightClient} */ client) => {
      for (let failures = 1; ; failures++) {
        await sleep(delay(failures))
        attempts += 1
        const came = await client.connect().then(() => true, () => false)
        if (came) return back_ms.push(performance.now() - started)
      }
    }
    await Promise.all(clients.map(comeBack))
    const all_ms = performance.now() - started
    for (const client of clients) await client.allSaved(60_000)
    t.diagnostic(
      `all back after ${(all_ms / 1_000).toFixed(1)} s (half after ${(percentile(back_ms, 0.5) / 1_000).toFixed(1)} s), ` +
        `${attempts} attempts`,
    )

    let lost = 0
    for (let n = 0; n < DOCUMENTS; n++) {
      const text = (await freshCopy(server, `doc-${n}`)).getText('content').toString()
      const here = clients.filter((client) => client.id === `doc-${n}`)
      for (const client of here) for (const token of [0, 1]) if (!text.includes(`#${client.number}.${token}@`)) lost += 1
      const tokens = here.length * 2
      await until('everybody there has everything', () => here.every((client) => client.seen.size + client.tokens >= tokens))
    }
    assert.equal(lost, 0)
    assert.ok(all_ms < 60_000)
  })
}
