// What a first visit loads, and how the files of the app are served.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { weigh } from '../bench/opening.mjs'
import { setTheStage, visit } from '../lib/browser.mjs'

const stage = setTheStage()
const deadline = { timeout: 60_000 }

/** Bytes as gzip makes them, in all, of what is loaded until somebody can read and write. */
const JAVASCRIPT_BYTES = 190_000
const CSS_BYTES = 15_000

/** A chunk's name says what is in it: a word and the hash of its content. */
const TELLING = /^[A-Za-z][\w.-]+-[\w-]{8}\.js$/

for (const kind of ['markdown', 'text', 'code']) {
  test(`a first visit of ${kind} loads no more than it may`, deadline, async (t) => {
    const { id } = await stage.server.create({ kind, text: 'Some words.\n' })
    const { gzip } = await weigh(stage.browser, stage.server, { id, name: kind, text: 'Some words.\n', items: 1 })
    t.diagnostic(`${(gzip.js / 1000).toFixed(1)} KB of JavaScript, ${(gzip.css / 1000).toFixed(1)} KB of CSS`)
    assert.ok(gzip.js > 0 && gzip.js <= JAVASCRIPT_BYTES, `${gzip.js} bytes of JavaScript`)
    assert.ok(gzip.css > 0 && gzip.css <= CSS_BYTES, `${gzip.css} bytes of CSS`)
  })
}

test('every file of the app is compressed, kept for good, and named after what is in it', deadline, async (t) => {
  const { id } = await stage.server.create({ text: '# Words\n' })
  const page = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, { storage: { 'cowrite.view': 'split' } })
  await page.becomes('synced', 'saved')
  await page.get('preview').locator('h1').waitFor()
  const assets = await page.page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/assets/')),
  )
  assert.ok(assets.length > 3)
  for (const asset of assets) {
    const name = String(new URL(asset).pathname.split('/').pop())
    if (name.endsWith('.js')) assert.match(name, TELLING)
    for (const encoding of ['br', 'gzip']) {
      const answer = await fetch(asset, { headers: { 'accept-encoding': encoding } })
      assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable', name)
      // Below a kilobyte, headers outweigh what compression saves.
      if ((await answer.arrayBuffer()).byteLength > 1024) assert.equal(answer.headers.get('content-encoding'), encoding, name)
    }
  }
})
