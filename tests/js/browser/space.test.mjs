// A person in a document that becomes full sees what happened and what to do, loses nothing and goes on.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, meet } from '../lib/browser.mjs'
import { InputMethod } from '../lib/ime.mjs'
import { startServer } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'

/** @type {import('playwright-core').Browser} */
let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

test('a full document is trimmed by hand', { timeout: 90_000 }, async (t) => {
  const server = await startServer(t, { args: ['--document-bytes', '64KiB'] })
  const line = `${'x'.repeat(49)}\n` // shorter than the window is wide
  const { id } = await server.create({ kind: 'text', text: line.repeat(1_200) })
  const [ann] = await meet(t, browser, [server.url], id)
  assert.match(String(await ann.get('space').textContent()), /almost full: 9\d% of 64 KB/)

  await ann.typeAtEnd('')
  await ann.page.keyboard.insertText(line.repeat(120))
  await ann.get('full').waitFor()
  await ann.becomes('synced', 'saved')
  const full = await ann.text()
  assert.equal(full, line.repeat(1_320), 'all that was pasted is kept')

  await ann.type('more')
  await until('typing is answered', () => ann.page.getByText('only deleting works').count())
  assert.equal(await ann.text(), full)
  const method = await InputMethod.of(ann.page)
  await method.word(['k', 'か', 'かん', '漢'])
  assert.equal(await ann.text(), full, 'an input method writes nothing either')
  assert.equal(await shown(ann.page), 'x'.repeat(49), 'and nothing of it stays on the page')

  await ann.page.keyboard.press('Shift+ArrowUp')
  await ann.type('y')
  assert.equal(await ann.text(), full, 'typing over a selection does not delete it')
  await ann.page.keyboard.press('ArrowRight')

  for (let n = 0; n < 90; n++) await ann.page.keyboard.press('Shift+ArrowUp')
  await ann.page.keyboard.press('Delete')
  await ann.get('full').waitFor({ state: 'detached' })
  assert.equal(await ann.text(), line.repeat(1_230))
  await ann.type('and on')
  await ann.becomes('synced', 'saved')
  assert.equal(await server.export(id), `${line.repeat(1_230)}and on`)
})

/**
 * The last line with anything on it, as it is drawn.
 *
 * @param {import('playwright-core').Page} page
 */
async function shown(page) {
  const lines = await page.locator('.cm-line').allTextContents()
  return lines.filter((line) => line.trim() !== '').at(-1)
}
