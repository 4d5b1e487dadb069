// Writing: the toolbar, the keys, finding, languages, counts, images, Vim.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree, PHONE, setTheStage, visit } from '../lib/browser.mjs'
import { until } from '../lib/until.mjs'

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const stage = setTheStage()

/**
 * A document and somebody who has it open.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ kind?: string, title?: string, text?: string }} document
 * @param {Parameters<typeof visit>[3]} [options]
 */
async function open(t, document, options) {
  const { id } = await stage.server.create(document)
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, options)
  await person.becomes('synced', 'saved', 20_000)
  return { id, person, page: person.page }
}

/** @param {import('../lib/browser.mjs').Person} person @param {string} expected */
const shows = (person, expected) =>
  until(`the text is ${JSON.stringify(expected)}`, async () => {
    assert.equal(await person.text(), expected)
    return true
  })

/** @param {import('../lib/browser.mjs').Person} person @param {string} text */
const said = (person, text) => person.get('notice').filter({ hasText: text }).waitFor()

/** @param {import('playwright-core').Page} page @param {string} name */
const tool = (page, name) => page.getByRole('toolbar').getByRole('button', { name, exact: true })

test('the toolbar formats, follows the caret and leaves the focus in the text', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: 'some words' })
  await person.typeAtEnd('')
  await tool(page, 'Bold').click()
  await shows(person, 'some **words**')
  await page.locator('.cm-content:focus').waitFor()
  await until('bold is pressed', async () => (await tool(page, 'Bold').getAttribute('aria-pressed')) === 'true')
  await tool(page, 'Heading 2').click()
  await shows(person, '## some **words**')
  await tool(page, 'Undo').click()
  await shows(person, 'some **words**')
  await page.keyboard.press('Control+z')
  await shows(person, 'some words')
  await page.keyboard.press('Control+Shift+8')
  await shows(person, '- some words')
  await page.keyboard.press('Tab')
  await shows(person, '  - some words')
})

test('the toolbar is one stop of the keyboard, with arrows inside', { timeout: 60_000 }, async (t) => {
  const { page } = await open(t, { text: 'some words' })
  const bold = tool(page, 'Bold')
  await bold.focus()
  await page.keyboard.press('ArrowRight')
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Italic')
  await page.keyboard.press('Home')
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Undo')
  assert.equal(await page.getByRole('toolbar').locator('button[tabindex="0"]').count(), 1)
  await page.keyboard.press('Escape')
  await page.locator('.cm-content:focus').waitFor()
})

test('the toolbar can be put away', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: 'some words' }, { storage: { 'cowrite.toolbar': 'off' } })
  await person.get('counts').waitFor()
  assert.equal(await page.getByRole('toolbar').count(), 0)
})

test('the browser checks the spelling, unless somebody would rather not', { timeout: 60_000 }, async (t) => {
  const { page } = await open(t, {})
  assert.equal(await page.locator('.cm-content').getAttribute('spellcheck'), 'true')
  const other = await open(t, {}, { storage: { 'cowrite.spelling': 'off' } })
  assert.equal(await other.page.locator('.cm-content').getAttribute('spellcheck'), 'false')
})

test('on a phone the toolbar stands above the keyboard while somebody writes', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: 'some words' }, PHONE)
  await person.get('counts').waitFor()
  assert.equal(await page.getByRole('toolbar').isVisible(), false)
  await page.locator('.cm-content').tap()
  await page.getByRole('toolbar').waitFor()
  const box = await page.getByRole('toolbar').boundingBox()
  assert.ok(box && Math.abs(box.y + box.height - 844) < 1, 'it stands at the foot')
  await page.keyboard.press('Control+End')
  await tool(page, 'Italic').tap()
  await shows(person, 'some *words*')
  await page.locator('.cm-content:focus').waitFor()
  await tool(page, 'Insert a table').scrollIntoViewIfNeeded()
  await tool(page, 'Insert a table').tap()
  await until('there is a table', async () => (await person.text()).includes('| Column 1 |'))
})

for (const [where, options] of /** @type {const} */ ([['on a desk', {}], ['on a phone', PHONE]])) {
  test(`finding and replacing ${where}`, { timeout: 60_000 }, async (t) => {
    const { person, page } = await open(t, { text: 'one two one\n\nOne' }, options)
    await person.typeAtEnd('')
    const panel = page.getByRole('search')
    await until('the panel opens', async () => {
      await page.keyboard.press('Control+f')
      return panel.isVisible()
    })
    const field = panel.getByRole('textbox', { name: 'Find' })
    await field.fill('one')
    const count = panel.getByRole('status')
    await until('all are counted', async () => (await count.textContent()) === '3')
    await page.keyboard.press('Enter')
    await until('the first is selected', async () => (await count.textContent()) === '1 of 3')
    await page.keyboard.press('Shift+Enter')
    await until('the last is selected', async () => (await count.textContent()) === '3 of 3')
    await panel.getByRole('button', { name: 'Match case' }).click()
    await until('fewer are found', async () => /2$/.test((await count.textContent()) ?? ''))
    await panel.getByRole('button', { name: 'Find and replace' }).click()
    const box = await field.boundingBox()
    assert.ok(box && box.width > 120, `there is room to type: ${box?.width} pixels`)
    await panel.getByRole('textbox', { name: 'Replace with' }).fill('1')
    await panel.getByRole('button', { name: 'Replace all' }).click()
    await shows(person, '1 two 1\n\nOne')
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await page.locator('.cm-content:focus').waitFor()
    await page.keyboard.press('Control+z')
    await shows(person, 'one two one\n\nOne')
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    assert.ok(content <= window, 'nothing sticks out')
  })
}

test('a code document has its language, the same for everybody', { timeout: 60_000 }, async (t) => {
  const { id, person: ann, page } = await open(t, { kind: 'code', title: 'greet.py', text: 'def greet(): pass\n' })
  const bob = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, { locale: 'zh-CN' })
  await page.locator('.cm-line .code-keyword', { hasText: 'def' }).waitFor()
  assert.equal(await ann.get('language').textContent(), 'Python')
  await ann.get('language').click()
  await page.keyboard.type('rus')
  await page.getByRole('option', { name: 'Rust' }).waitFor()
  await page.keyboard.press('Enter')
  for (const person of [ann, bob]) {
    await until('the language is Rust', async () => (await person.get('language').textContent())?.trim() === 'Rust')
  }
  await page.locator('.cm-line .code-keyword', { hasText: 'def' }).waitFor({ state: 'detached' })
  await ann.typeAtEnd('fn main() {')
  await bob.page.locator('.cm-line .code-keyword', { hasText: 'fn' }).waitFor()
  await page.locator('.cm-content').focus()
  await until('the place is told', async () => (await ann.get('position').textContent()) === 'Line 2, column 12')
})

test('code in a fence is coloured', { timeout: 60_000 }, async (t) => {
  const { page } = await open(t, { text: '# Hi\n\n```rust\nfn main() {}\n```\n\n~~~nonsense\nfn\n~~~\n' })
  await page.locator('.cm-line .code-keyword', { hasText: 'fn' }).waitFor()
  assert.equal(await page.locator('.cm-line .code-keyword').count(), 1)
})

test('what is written is counted, and what is selected', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: 'Two words.\n\n你好，世界' })
  const counts = person.get('counts')
  await until('all is counted', async () => /6 words · 15 characters/.test((await counts.textContent()) ?? ''))
  await page.locator('.cm-content').focus()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('Shift+End')
  await until('the selection is counted', async () =>
    /2 words, 10 characters selected/.test((await counts.textContent()) ?? ''),
  )
})

/**
 * A server that takes images, or does not.
 *
 * @param {import('playwright-core').Page} page
 * @param {() => { status: number, body: object } | null} answer null breaks the connection
 */
async function takeImages(page, answer) {
  /** @type {string[]} */
  const types = []
  await page.route('**/api/v1/documents/*/images', async (route) => {
    types.push(route.request().headers()['content-type'] ?? '')
    const given = answer()
    if (!given) return route.abort()
    await route.fulfill({ status: given.status, contentType: 'application/json', body: JSON.stringify(given.body) })
  })
  return types
}

/**
 * Paste or drop files into the text.
 *
 * @param {import('playwright-core').Page} page
 * @param {'paste' | 'drop'} how
 * @param {{ name: string, type: string, size?: number }[]} files
 */
async function give(page, how, files) {
  await page.evaluate(
    ({ how, files, pixel }) => {
      const data = new DataTransfer()
      const bytes = Uint8Array.from(atob(pixel), (c) => c.charCodeAt(0))
      for (const { name, type, size } of files) {
        const content = type.startsWith('image/') ? bytes : new TextEncoder().encode(`the text of ${name}`)
        data.items.add(new File([content, new Uint8Array(size ?? 0)], name, { type }))
      }
      const target = /** @type {HTMLElement} */ (document.querySelector('.cm-content'))
      const line = /** @type {HTMLElement} */ (target.querySelector('.cm-line'))
      const { left, top, height } = line.getBoundingClientRect()
      const at = { clientX: left + 1, clientY: top + height / 2, bubbles: true, cancelable: true }
      if (how === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, ...at }))
      else target.dispatchEvent(new DragEvent('drop', { dataTransfer: data, ...at }))
    },
    { how, files, pixel: PIXEL.toString('base64') },
  )
}

const good = (/** @type {string} */ address) => ({ status: 201, body: { name: 'x', address, bytes: 1, width: 1, height: 1 } })

test('an image is pasted, and is there for everybody once it is uploaded', { timeout: 60_000 }, async (t) => {
  const { id, person: ann, page } = await open(t, { text: 'See ' })
  const bob = await visit(t, stage.browser, `${stage.server.url}/d/${id}`)
  /** @type {(value?: unknown) => void} */
  let uploaded = () => {}
  const upload = new Promise((resolve) => (uploaded = resolve))
  await page.route('**/api/v1/documents/*/images', async (route) => {
    await upload
    await route.fulfill({ status: 201, contentType: 'application/json', body: JSON.stringify(good('images/a.png').body) })
  })
  await ann.typeAtEnd('')
  await give(page, 'paste', [{ name: 'image.png', type: 'image/png' }])
  await ann.get('upload').waitFor()
  await bob.becomes('synced')
  await bob.page.locator('.cm-content').focus()
  await bob.page.keyboard.press('Control+Home')
  await bob.type('First. ')
  assert.equal(await agree([ann, bob]), 'First. See ', 'nobody sees something half-done')
  uploaded()
  await shows(ann, 'First. See ![image](images/a.png)')
  await agree([ann, bob])
  await ann.get('upload').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+z')
  await shows(ann, 'First. See ')
})

test('several images are dropped, and come in their order', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: '' })
  let n = 0
  const types = await takeImages(page, () => good(`images/${++n}.png`))
  await give(page, 'drop', [
    { name: 'a cat.png', type: 'image/png' },
    { name: 'a [dog].webp', type: 'image/webp' },
  ])
  await shows(person, '![a cat](images/1.png)\n\n![a \\[dog\\]](images/2.png)')
  assert.deepEqual(types, ['image/png', 'image/webp'])
})

test('the toolbar takes images from the device', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: 'See ' })
  await takeImages(page, () => good('images/a.png'))
  await person.typeAtEnd('')
  const chooser = page.waitForEvent('filechooser')
  await tool(page, 'Insert images').click()
  await (await chooser).setFiles({ name: 'cat.png', mimeType: 'image/png', buffer: PIXEL })
  await shows(person, 'See ![cat](images/a.png)')
})

test('an image that was refused is kept, and tried again', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: '' })
  let refuses = true
  await takeImages(page, () => (refuses ? { status: 413, body: { detail: 'This is too much.' } } : good('images/a.png')))
  await person.typeAtEnd('')
  await give(page, 'paste', [{ name: 'cat.png', type: 'image/png' }])
  await said(person, '“cat” was not uploaded. This is too much.')
  assert.equal(await person.text(), '')
  refuses = false
  await person.get('upload').getByRole('button', { name: 'Try again' }).click()
  await shows(person, '![cat](images/a.png)')
})

test('an image waits for the connection', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: '' })
  await takeImages(page, () => good('images/a.png'))
  await page.getByRole('toolbar').waitFor()
  await page.waitForLoadState('networkidle')
  await page.context().setOffline(true)
  await person.becomes('offline', null, 20_000)
  await person.typeAtEnd('')
  await give(page, 'paste', [{ name: 'cat.png', type: 'image/png' }])
  await said(person, 'Images need the connection.')
  await page.context().setOffline(false)
  await person.becomes('synced', 'saved', 20_000)
  await shows(person, '![cat](images/a.png)')
})

test('what cannot be an image is told before anything is sent', { timeout: 60_000 }, async (t) => {
  const { person, page } = await open(t, { text: '' })
  const types = await takeImages(page, () => good('images/a.png'))
  await give(page, 'drop', [{ name: 'drawing.svg', type: 'image/svg+xml' }])
  await said(person, '“drawing.svg” cannot be shown as an image.')
  await give(page, 'drop', [{ name: 'huge.png', type: 'image/png', size: 11 * 1024 * 1024 }])
  await said(person, '“huge.png” is too large.')
  await give(page, 'drop', [{ name: 'paper.pdf', type: 'application/pdf' }])
  await said(person, '“paper.pdf” is neither an image nor text.')
  await give(page, 'drop', [{ name: 'notes.md', type: 'text/markdown' }])
  await shows(person, 'the text of notes.md')
  assert.deepEqual(types, [])
})

test("Vim's keys work, undo one's own edits, and know that everything is saved", { timeout: 60_000 }, async (t) => {
  const { id, person: ann, page } = await open(t, { text: 'one\ntwo\n' }, { storage: { 'cowrite.keys': 'vim' } })
  const bob = await visit(t, stage.browser, `${stage.server.url}/d/${id}`)
  await until('it is normal mode', async () => (await ann.get('vim-mode').textContent()) === 'NORMAL')
  await page.locator('.cm-content').focus()
  await page.keyboard.type('ggdd')
  await shows(ann, 'two\n')
  await bob.becomes('synced')
  await bob.typeAtEnd('bob')
  assert.equal(await agree([ann, bob]), 'two\nbob')
  await page.keyboard.type('u')
  await shows(ann, 'one\ntwo\nbob')
  await page.keyboard.press('Control+r')
  await shows(ann, 'two\nbob')
  await page.keyboard.type('A!')
  await until('it is insert mode', async () => (await ann.get('vim-mode').textContent()) === 'INSERT')
  await page.keyboard.press('Escape')
  await shows(ann, 'two!\nbob')
  await ann.becomes('synced', 'saved')
  await page.keyboard.type(':w\n')
  await said(ann, 'Everything is saved already.')
})
