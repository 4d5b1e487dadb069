// From the home page one click leads into a new document, a file becomes one, and those of before are found again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTheStage, visit } from '../lib/browser.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()

const deadline = { timeout: 60_000 }

test('a new document is one click away, and found again afterwards', deadline, async (t) => {
  const ann = await visit(t, stage.browser, stage.server.url)
  await ann.get('new-document').click()
  await ann.page.waitForURL(/\/d\/[A-Za-z0-9._~-]+$/)
  const id = new URL(ann.page.url()).pathname.slice('/d/'.length)
  await ann.becomes('synced', 'saved', 20_000)
  await ann.get('title').fill('Packing list')
  await ann.page.keyboard.press('Enter')
  await ann.typeAtEnd('tent, stove, rope')
  await ann.becomes('synced', 'saved')
  assert.equal(await stage.server.export(id), 'tent, stove, rope')
  await until('the tab is named after it', async () => (await ann.page.title()).includes('Packing list'))

  await ann.page.goto(stage.server.url)
  const link = ann.get('document-list').getByText('Packing list')
  await link.waitFor()
  await link.click()
  await ann.page.waitForURL(`**/d/${id}`)
  await until('the text is there', async () => (await ann.text()) === 'tent, stove, rope')
})

test('a file becomes a document', deadline, async (t) => {
  const ann = await visit(t, stage.browser, stage.server.url)
  const file = { name: 'tides.md', mimeType: 'text/markdown', buffer: Buffer.from('# Tides\r\n\r\nHigh at noon.\r\n') }
  const upload = ann.get('upload')
  if ((await upload.evaluate((element) => element.tagName)) === 'INPUT') {
    await upload.setInputFiles(file)
  } else {
    const [chooser] = await Promise.all([ann.page.waitForEvent('filechooser'), upload.click()])
    await chooser.setFiles(file)
  }
  await ann.page.waitForURL(/\/d\//)
  await ann.becomes('synced', 'saved', 20_000)
  assert.equal(await ann.text(), '# Tides\n\nHigh at noon.\n')
})

test('a deleted document says so and does not try for ever', deadline, async (t) => {
  const { id } = await stage.server.create({ text: 'short-lived' })
  const ann = await visit(t, stage.browser, `${stage.server.url}/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  await stage.server.fetch(`/api/v1/documents/${id}`, { method: 'DELETE' })
  await ann.becomes('refused')
  assert.match(String(await ann.get('refused').textContent()), /delete|exist/i)
})
