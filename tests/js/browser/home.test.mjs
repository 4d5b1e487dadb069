// From the home page one click leads into a new document, a file becomes one, and those of before are found again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PHONE, fits, setTheStage, visit } from '../lib/browser.mjs'
import { startServer } from '../lib/server.mjs'
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

test('whoever has no document is told what this is, and three ways to begin', deadline, async (t) => {
  const server = await startServer(t)
  const ann = await visit(t, stage.browser, server.url, PHONE)
  await ann.get('welcome').waitFor()
  await fits(ann)
  assert.equal(await ann.get('welcome').getByRole('button').count(), 3)
  await ann.get('trash').click()
  await until('the trash says what it is for', async () => /30 days/.test(String(await ann.get('empty').textContent())))
  await ann.page.goBack()
  await ann.get('welcome').getByRole('button').first().tap()
  await ann.page.waitForURL(/\/d\//)
  await ann.becomes('synced', 'saved', 20_000)
})

for (const { locale, heading, day } of [
  { locale: 'en-US', heading: '# Meeting', day: /\*\*Date:\*\* [A-Z][a-z]+ \d+, \d{4}/ },
  { locale: 'zh-CN', heading: '# 会议纪要', day: /\*\*日期：\*\* \d{4}年\d+月\d+日/ },
]) {
  test(`a template becomes a document in the reader’s language: ${locale}`, deadline, async (t) => {
    const ann = await visit(t, stage.browser, stage.server.url, { locale })
    await ann.get('templates').click()
    await ann.get('template-meeting').click()
    await ann.page.waitForURL(/\/d\//)
    await ann.becomes('synced', 'saved', 20_000)
    const text = await ann.text()
    assert.ok(text.startsWith(`${heading}\n`), text)
    assert.match(text, day)
    assert.match(await ann.get('title').inputValue(), /\d{4}/, 'its title has the day')
  })
}

test('of several files each becomes a document or says why not', deadline, async (t) => {
  const ann = await visit(t, stage.browser, stage.server.url)
  const file = (/** @type {string} */ name, /** @type {string | Buffer} */ content) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(content),
  })
  await ann.get('upload').setInputFiles([
    file('harbour.md', '# Harbour'),
    file('photo.jpeg', Buffer.from([0xff, 0xd8, 0xff])),
    file('quay.rs', 'fn main() {}\r\n'),
    file('broken.py', Buffer.from([0x61, 0xff])),
    file('currents.log', 'high, low'),
  ])
  const failures = ann.get('import-failures')
  await failures.getByText('photo.jpeg').waitFor()
  await failures.getByText('broken.py').waitFor()
  assert.equal(await failures.locator('li').count(), 2)
  for (const reason of await failures.locator('li').allTextContents()) assert.match(reason, /: .+\./)
  const list = ann.get('document-list')
  for (const title of ['harbour', 'quay.rs', 'currents']) await list.getByText(title, { exact: true }).waitFor()
  await fits(ann, 1100)

  await list.getByText('quay.rs').click()
  await ann.becomes('synced', 'saved', 20_000)
  const { kind } = await (await stage.server.fetch(`/api/v1/documents/${ann.page.url().split('/d/')[1]}`)).json()
  assert.equal(kind, 'code')
  assert.equal(await ann.text(), 'fn main() {}\n')
})

test('files that are dropped are taken like those that are chosen', deadline, async (t) => {
  const ann = await visit(t, stage.browser, stage.server.url)
  await ann.get('new-document').waitFor()
  const dropped = await ann.page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['dropped in'], 'drop.txt', { type: 'text/plain' }))
    return transfer
  })
  await ann.page.dispatchEvent('body', 'dragenter', { dataTransfer: dropped })
  await ann.page.getByText('Drop files').waitFor()
  await ann.page.dispatchEvent('body', 'drop', { dataTransfer: dropped })
  await ann.page.waitForURL(/\/d\//)
  await until('the text is there', async () => (await ann.text()) === 'dropped in')
})

for (const [size, options] of /** @type {const} */ ([['a desk', {}], ['a phone', PHONE]])) {
  test(`the menu of a line renames, duplicates and throws away, on ${size}`, deadline, async (t) => {
    const title = `Notes on ${size}`
    const { id } = await stage.server.create({ title, text: 'the same' })
    const ann = await visit(t, stage.browser, stage.server.url, options)
    const line = ann.page.locator(`[data-id="${id}"]`)
    const pick = async (/** @type {string} */ name) => {
      await line.getByTestId('row-menu').click()
      await ann.get(name).click()
    }

    await pick('rename')
    await fits(ann, options.viewport?.width ?? 1100)
    await ann.get('rename-field').fill(`${title}, new`)
    await ann.page.keyboard.press('Enter')
    await line.getByText(`${title}, new`).waitFor()
    await until('the server knows', async () => {
      const { title: kept } = await (await stage.server.fetch(`/api/v1/documents/${id}`)).json()
      return kept === `${title}, new`
    })

    await pick('duplicate')
    await ann.get('document-list').getByText(`${title}, new (copy)`).waitFor()

    await pick('menu-trash')
    await line.waitFor({ state: 'detached' })
    await ann.get('notice-action').last().click()
    await line.waitFor()

    await pick('menu-trash')
    await line.waitFor({ state: 'detached' })
    await ann.get('trash').click()
    await until('it says until when', async () => /30 days left/.test(String(await line.textContent())))
    await fits(ann, options.viewport?.width ?? 1100)
    await line.getByTestId('delete-for-good').click()
    await ann.get('confirm-delete').click()
    await line.waitFor({ state: 'detached' })
    assert.equal((await stage.server.fetch(`/api/v1/documents/${id}`)).status, 410)
  })
}

test('the menu of a line is one for the keyboard too', deadline, async (t) => {
  const { id } = await stage.server.create({ title: 'By keys' })
  const ann = await visit(t, stage.browser, stage.server.url)
  const button = ann.page.locator(`[data-id="${id}"]`).getByTestId('row-menu')
  await button.press('Enter')
  await until('the first entry has the focus', () => focused(ann, 'Open'))
  await ann.page.keyboard.press('ArrowUp')
  await until('the last one has it', () => focused(ann, 'Move to trash'))
  await ann.page.keyboard.press('Escape')
  await until('the button has it again', () => button.evaluate((element) => element === document.activeElement))
})

test('a list that cannot be had says so, shows what was opened here, and comes when it can', deadline, async (t) => {
  const { id } = await stage.server.create({ title: 'Seen before' })
  const storage = {
    'cowrite.recent': JSON.stringify([{ id, title: 'Seen before', kind: 'markdown', opened: Date.now() }]),
  }
  const ann = await visit(t, stage.browser, stage.server.url, { storage })
  await ann.get('document-list').locator('li').first().waitFor()
  await ann.page.route('**/api/v1/documents*', (route) => route.abort())
  await ann.get('sort').selectOption('title')
  await ann.get('unreached').waitFor()
  await ann.get('recent-list').getByText('Seen before').waitFor()
  await ann.page.unroute('**/api/v1/documents*')
  await ann.get('retry-list').click()
  await ann.get('document-list').getByText('Seen before').waitFor()
  assert.equal(await ann.get('unreached').count(), 0)
})

test('a tag can be chosen of a document that is far down the list', deadline, async (t) => {
  const server = await startServer(t)
  const file = async (/** @type {string} */ id, /** @type {string[]} */ tags) => {
    const headers = { 'content-type': 'application/json' }
    const patch = { method: 'PATCH', headers, body: JSON.stringify({ tags }) }
    assert.equal((await server.fetch(`/api/v1/documents/${id}`, patch)).status, 200)
  }
  const old = await server.create({ title: 'Logbook of 1962' })
  await file(old.id, ['harbour', 'archive'])
  // A page of the list has fifty.
  for (let n = 0; n < 55; n++) await server.create({ title: `Note ${n}` })
  await file((await server.create({ title: 'Mooring plan' })).id, ['harbour'])

  const ann = await visit(t, stage.browser, server.url, PHONE)
  const list = ann.get('document-list')
  const chips = ann.get('tag-filter').getByRole('button')
  await until('the most used comes first', async () => (await chips.allTextContents()).join() === 'harbour,archive')
  assert.equal(await list.getByText('Logbook of 1962').count(), 0, 'it is on another page')
  await chips.getByText('archive').tap()
  await list.getByText('Logbook of 1962').waitFor()
  await until('and nothing else', async () => (await list.locator('li').count()) === 1)
  await fits(ann)
  assert.equal(new URL(ann.page.url()).search, '?tag=archive')

  // Without the list of tags, those of what is on the page are there, and nobody is alarmed.
  await ann.page.route('**/api/v1/tags', (route) => route.abort())
  await ann.page.goto(server.url)
  await list.getByText('Mooring plan').waitFor()
  await until('one of them', async () => (await chips.allTextContents()).join() === 'harbour')
  assert.equal(await ann.get('unreached').count(), 0)
})

/** @param {import('../lib/browser.mjs').Person} person @param {string} text */
function focused({ page }, text) {
  return page.evaluate((text) => document.activeElement?.textContent?.trim() === text, text)
}

test('the key that leads to the search is shown where there is one', deadline, async (t) => {
  for (const [options, shown] of /** @type {const} */ ([
    [{}, true],
    [PHONE, false],
    [{ viewport: PHONE.viewport }, false],
  ])) {
    const ann = await visit(t, stage.browser, stage.server.url, options)
    await ann.get('search').waitFor()
    assert.equal(await ann.page.locator('form[role="search"] kbd').isVisible(), shown)
  }
})

test('the menu of a line is within what is seen, wherever the line is', deadline, async (t) => {
  await Promise.all(Array.from({ length: 12 }, (_, n) => stage.server.create({ title: `Line ${n}` })))
  for (const options of [{}, PHONE]) {
    const ann = await visit(t, stage.browser, stage.server.url, options)
    const { height, width } = /** @type {{ height: number, width: number }} */ (ann.page.viewportSize())
    await ann.get('row-menu').nth(11).waitFor()
    for (const [n, block] of /** @type {const} */ ([[2, 'start'], [5, 'center'], [8, 'end']])) {
      const button = ann.get('row-menu').nth(n)
      await button.evaluate((button, block) => button.scrollIntoView({ block }), block)
      await button.click()
      const panel = ann.page.locator('[role="menu"]:popover-open')
      await until('it is placed', async () => {
        const box = await panel.boundingBox()
        return !!box && box.y >= 0 && box.y + box.height <= height && box.x >= 0 && box.x + box.width <= width
      })
      await ann.page.keyboard.press('Escape')
    }
  }
})
