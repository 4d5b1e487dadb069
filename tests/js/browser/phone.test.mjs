// On a phone the page fits, the text can be written and what matters is in sight.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree, fits, PHONE, setTheStage, visit } from '../lib/browser.mjs'

const stage = setTheStage()

test('writing on a phone', { timeout: 60_000 }, async (t) => {
  const long = 'https://example.org/a/very/long/address/that/has/no/place/to/break/and/goes/on/and/on/and/on'
  const { id } = await stage.server.create({ title: 'A title that is longer than a phone is wide', text: `# Hi\n\n${long}\n` })
  const ann = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, PHONE)
  const bob = await visit(t, stage.browser, `${stage.server.url}/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  await fits(ann)

  for (const name of ['pill', 'save', 'title']) {
    const box = await ann.get(name).boundingBox()
    assert.ok(box && box.x >= 0 && box.x + box.width <= 390 && box.y >= 0, `${name} is in sight`)
  }
  await ann.page.locator('.cm-content').tap()
  await ann.typeAtEnd('from the bus')
  assert.ok((await agree([ann, bob])).endsWith('from the bus'))
  await fits(ann)
})

test('the home page on a phone', { timeout: 60_000 }, async (t) => {
  await stage.server.create({ title: 'Minutes of the meeting about the title that is longer than a phone is wide' })
  const ann = await visit(t, stage.browser, stage.server.url, PHONE)
  await ann.page.getByText('Minutes of the meeting').waitFor()
  await fits(ann)
  await ann.get('new-document').tap()
  await ann.page.waitForURL(/\/d\//)
  await ann.becomes('synced', 'saved', 20_000)
})
