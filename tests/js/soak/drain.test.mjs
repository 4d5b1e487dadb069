// A server that is told to stop while everybody writes is gone in time, and what it acknowledged is there afterwards.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshCopy } from '../lib/client.mjs'
import { LightClient } from '../lib/light.mjs'
import { every, size } from '../lib/measure.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep } from '../lib/until.mjs'

const DOCUMENTS = size('SOAK_DRAIN_DOCUMENTS', 50)
const CONNECTIONS_EACH = 4
const RESTARTING = 1012

test(`${DOCUMENTS} busy documents are put away in time`, { timeout: 120_000 }, async (t) => {
  const server = await startServer(t, { restarts: true })
  const clients = Array.from({ length: DOCUMENTS * CONNECTIONS_EACH }, (_, n) => new LightClient(server, `doc-${n % DOCUMENTS}`))
  t.after(() => clients.forEach((client) => client.disconnect()))
  for (let n = 0; n < clients.length; n += 50) await Promise.all(clients.slice(n, n + 50).map((client) => client.connect()))
  /** Of each client, what it had sent when its n-th message went: how much of its text is acknowledged by `Saved(n)`. */
  const lengths = new Map(clients.map((client) => [client, [0]]))
  const stop = every(50, () => {
    for (const client of clients) {
      if (!client.connected) continue
      client.write(200)
      lengths.get(client)?.push(client.text.length)
    }
  })
  t.after(stop)
  await sleep(3_000)

  const asked = performance.now()
  const { code } = await server.stop(15_000)
  const took_s = (performance.now() - asked) / 1_000
  stop()
  const ends = await Promise.all(clients.map((client) => client.gone()))
  t.diagnostic(`gone after ${took_s.toFixed(2)} s`)
  assert.equal(code, 0)
  assert.ok(took_s < 10)
  for (const end of ends) assert.equal(end.code, RESTARTING, end.reason)

  await server.start()
  let acknowledged = 0
  for (let n = 0; n < DOCUMENTS; n++) {
    const text = (await freshCopy(server, `doc-${n}`)).getText('content').toString()
    for (const client of clients.filter(({ id }) => id === `doc-${n}`)) {
      assert.ok(client.saved > 1, 'there was something to lose')
      const saved = client.text.slice(0, lengths.get(client)?.[client.saved - 1])
      acknowledged += saved.length
      const tokens = saved.match(/#[^;]*;/g) ?? []
      assert.deepEqual(tokens.filter((token) => !text.includes(token)), [])
    }
  }
  t.diagnostic(`${acknowledged} acknowledged characters are there`)
})
