// Somebody who opens a document and only looks at it stays connected. A stock client hangs up after 30 s without a
// message, so the server has to speak when nobody else does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stockClient } from '../lib/client.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep } from '../lib/until.mjs'

test('alone and idle for 90 s, a stock client never reconnects', { timeout: 120_000 }, async (t) => {
  const server = await startServer(t)
  const reader = await stockClient(t, server, 'idle')
  // The client refreshes its own presence every 15 s; without any it depends on the server alone.
  const absent = await stockClient(t, server, 'idle-absent')
  absent.provider.awareness.setLocalState(null)

  await sleep(90_000)

  for (const client of [reader, absent]) {
    assert.deepEqual(client.counts, { sockets: 1, disconnections: 0 })
    assert.equal(client.provider.synced, true)
  }
})
