// Around the text: commands by typing their names, the sheet of keys, settings that hold at once and after a reload, notices that
// can be undone without a mouse, exports that have the last words, and a first paint after which nothing moves.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { PHONE, setTheStage, UNAIDED, visit } from '../lib/browser.mjs'
import { startProxy } from '../lib/proxy.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()

const deadline = { timeout: 90_000 }
const TEXT = '# Tides\n\nHigh at noon.\n\n## Next steps\n\nLook again.\n'

/** @typedef {import('../lib/browser.mjs').Person} Person */

/**
 * Somebody with a document of their own, ready to be written.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ title?: string, text?: string, kind?: string, origin?: string } & Parameters<typeof visit>[3]} [options]
 */
async function write(t, { title = 'Tide table', text = TEXT, kind = 'markdown', origin = stage.server.url, ...options } = {}) {
  const { id } = await stage.server.create({ title, text, kind })
  const person = await visit(t, stage.browser, `${origin}/d/${id}`, options)
  await person.becomes('synced', 'saved', 20_000)
  return { person, id }
}

/** Opens the palette and types. @param {Person} person @param {string} query */
async function ask({ page, get }, query) {
  await page.keyboard.press('Control+Shift+P')
  const field = page.getByTestId('palette-query')
  await field.waitFor()
  await until('the field has the focus', () => field.evaluate((element) => element === document.activeElement))
  await page.keyboard.type(query)
}

/** What the palette would do now, by its id. @param {Person} person */
function chosen({ page }) {
  return page.getByTestId('palette-list').locator('[aria-selected="true"]').getAttribute('data-id')
}

/** @param {Person} person */
const focused = ({ page }) =>
  page.evaluate(() => document.activeElement?.closest('[data-testid]')?.getAttribute('data-testid') ?? null)

/** @param {Person} person @param {string} name of the root's attribute */
const rootData = ({ page }, name) => page.evaluate((name) => document.documentElement.dataset[name] ?? null, name)

/** @param {Person} person */
const background = ({ page }) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)

test('a command is found by a part of its name, done where the caret was, and first the next time', deadline, async (t) => {
  const { person: ann } = await write(t, { text: 'noon' })
  await ann.page.locator('.cm-content').focus()
  await ann.page.keyboard.press('Control+a')
  await ask(ann, 'bol')
  assert.equal(await chosen(ann), 'editor:bold')
  const field = ann.get('palette-query')
  const active = await field.getAttribute('aria-activedescendant')
  assert.equal(await ann.page.locator(`[id="${active}"]`).getAttribute('aria-selected'), 'true', 'it is what a screen reader says')
  await ann.page.keyboard.press('Enter')
  await until('it is bold', async () => (await ann.text()) === '**noon**')
  assert.equal(await focused(ann), 'editor', 'the focus is back in the text')

  await ask(ann, '')
  assert.equal(await chosen(ann), 'editor:bold')
  await ann.page.keyboard.press('ArrowUp')
  assert.notEqual(await chosen(ann), 'editor:bold', 'above the first is the last')
  await ann.page.keyboard.press('ArrowDown')
  assert.equal(await chosen(ann), 'editor:bold')
  await ann.page.keyboard.press('Escape')
  await ann.get('palette').waitFor({ state: 'detached' })
  assert.equal(await focused(ann), 'editor')
  assert.equal(await ann.text(), '**noon**', 'nothing was done')
})

test('the palette goes to headings and to other documents', deadline, async (t) => {
  const other = await stage.server.create({ title: 'Moon phases', text: 'a quarter' })
  const { person: ann } = await write(t)
  await ask(ann, 'next st')
  assert.match(String(await chosen(ann)), /^heading:/)
  await ann.page.keyboard.press('Enter')
  await ann.get('palette').waitFor({ state: 'detached' })
  await until('the caret is there', async () => (await focused(ann)) === 'editor')
  await ann.page.keyboard.press('End')
  await ann.type('!')
  await until('it is', async () => (await ann.text()).includes('## Next steps!'))

  // Known to the server alone.
  await ask(ann, 'moon')
  await ann.page.locator(`[data-id="open:${other.id}"]`).click()
  await ann.page.waitForURL(`**/d/${other.id}`)
})

test('in Chinese, commands are found by their Chinese names, and by what manuals call them', deadline, async (t) => {
  const { person: ann } = await write(t, { locale: 'zh-CN' })
  await ask(ann, '加粗')
  assert.equal(await chosen(ann), 'editor:bold')
  await ann.get('palette-query').fill('bold')
  assert.equal(await chosen(ann), 'editor:bold')
  await ann.get('palette-query').fill('zzzz')
  await ann.get('palette').getByText('没有找到').first().waitFor()
})

test('the palette on a phone, through the menu', deadline, async (t) => {
  const { person: ann } = await write(t, PHONE)
  await ann.get('export').tap()
  await ann.get('open-palette').tap()
  const dialog = await ann.get('palette').boundingBox()
  assert.ok(dialog && dialog.x >= 0 && dialog.x + dialog.width <= 390, 'it fits')
  await ann.get('palette-query').fill('dark')
  await ann.page.locator('[data-id="theme:dark"]').tap()
  await until('it is dark', async () => (await rootData(ann, 'theme')) === 'dark')
})

test('the sheet of keys: by a question mark outside the text, and by Mod-/ anywhere', deadline, async (t) => {
  const { person: ann } = await write(t)
  await ann.typeAtEnd('Why?')
  await until('a question mark is a question mark', async () => (await ann.text()).endsWith('Why?'))
  assert.equal(await ann.get('shortcuts').count(), 0)
  await ann.page.keyboard.press('Control+/')
  const sheet = ann.get('shortcuts')
  await sheet.getByText('Bold', { exact: true }).waitFor()
  assert.match(String(await sheet.textContent()), /CtrlShiftP/)
  await ann.page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  await ann.get('menu').focus()
  await ann.page.keyboard.press('?')
  await sheet.waitFor()

  const { person: li } = await write(t, { locale: 'zh-CN' })
  await li.page.keyboard.press('Control+/')
  await li.get('shortcuts').getByRole('heading', { name: '键盘快捷键' }).waitFor()
})

test('settings hold at once, in other tabs too, and from the first paint on', deadline, async (t) => {
  // A worker would answer in place of the network that is broken below.
  const { person: ann } = await write(t, UNAIDED)
  const other = await ann.page.context().newPage()
  await other.goto(stage.server.url)
  const content = ann.page.locator('.cm-content')
  const size = () => content.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))
  const [before, light] = [await size(), await background(ann)]

  await ann.get('menu').click()
  await ann.get('open-settings').click()
  const choose = (/** @type {string} */ name, /** @type {string} */ choice) =>
    ann.get(name).locator(`input[value="${choice}"]`).check({ force: true })
  await choose('theme', 'dark')
  assert.notEqual(await background(ann), light)
  const colours = await ann.page.locator('meta[name=theme-color]').evaluateAll((all) => all.map((one) => one.getAttribute('content')))
  assert.deepEqual([...new Set(colours)], [await background(ann)], "the browser's own bar follows")
  await choose('size', 'largest')
  assert.ok((await size()) > before)
  await choose('contrast', 'more')
  assert.equal(await background(ann), 'rgb(0, 0, 0)')
  await ann.get('spelling').click()
  await until('spelling is left alone', async () => (await content.getAttribute('spellcheck')) === 'false')
  await ann.get('toolbar').first().waitFor()
  await ann.page.getByRole('toolbar').waitFor()
  await ann.page.getByRole('switch', { name: 'Toolbar' }).click()
  await ann.page.getByRole('toolbar').waitFor({ state: 'detached' })
  await ann.page.getByRole('switch', { name: 'Vim keys' }).click()
  await ann.get('vim-mode').waitFor()
  await until('the other tab is dark', () => other.evaluate(() => document.documentElement.dataset.theme === 'dark'))

  // The first paint, before the app: its script does not come.
  await ann.page.route(/assets\/index-/, () => {})
  await ann.page.reload({ waitUntil: 'commit' })
  await ann.page.locator('.skeleton').waitFor()
  assert.equal(await background(ann), 'rgb(0, 0, 0)')
  assert.equal(await rootData(ann, 'size'), 'largest')
})

test('the system has the first word on theme and contrast, and is followed while nothing is chosen', deadline, async (t) => {
  const { person: ann } = await write(t, { contrast: 'more' })
  assert.equal(await background(ann), 'rgb(255, 255, 255)')
  await ann.page.emulateMedia({ colorScheme: 'dark' })
  assert.equal(await background(ann), 'rgb(0, 0, 0)')
  await ann.page.emulateMedia({ colorScheme: 'dark', contrast: 'no-preference' })
  await until('it is an ordinary dark page', async () => (await background(ann)) === 'rgb(23, 23, 26)')
})

test('another language comes with another page, which waits for what is not saved', deadline, async (t) => {
  const proxy = await startProxy(t, stage.server)
  const { person: ann, id } = await write(t, { origin: proxy.url, ...UNAIDED })
  await prepared(ann, 'SettingsDialog')
  proxy.reset()
  await ann.typeAtEnd('written offline')
  await ann.becomes('offline', 'unsaved', 20_000)
  await ann.get('menu').click()
  await ann.get('open-settings').click()
  await ann.get('language').selectOption('zh-CN')
  await ann.get('keep-language').click()
  assert.equal(await ann.get('language').inputValue(), 'browser', 'one may think otherwise')
  await ann.get('language').selectOption('zh-CN')
  await ann.get('keep-language').waitFor()
  assert.equal(await ann.page.evaluate(() => document.documentElement.lang), 'en')

  proxy.pass()
  await until('the page speaks Chinese', () => ann.page.evaluate(() => document.documentElement.lang === 'zh-CN'), { within_ms: 40_000 })
  await ann.becomes('synced', 'saved', 20_000)
  assert.ok((await stage.server.export(id)).endsWith('written offline'))
  await ann.get('menu').click()
  await ann.get('open-settings').click()
  await ann.get('settings').getByText('设置').first().waitFor()
})

test('what was deleted is brought back with the keyboard alone', deadline, async (t) => {
  const { id } = await stage.server.create({ title: 'Driftwood' })
  const ann = await visit(t, stage.browser, stage.server.url)
  await trash(ann, 'Driftwood')
  const notice = ann.get('notice').filter({ hasText: 'Driftwood' })
  await notice.waitFor()
  assert.match(String(await ann.page.locator('.notices [role=status]').textContent()), /F6/, 'those who hear it are told the key')
  await ann.page.keyboard.press('F6')
  assert.equal(await focused(ann), 'notice-action')
  await ann.page.keyboard.press('Enter')
  await until('it is back', async () => (await stage.server.fetch(`/api/v1/documents/${id}`)).status === 200)
})

test('a notice stays while the pointer or the focus is on it, and leaves afterwards', deadline, async (t) => {
  await stage.server.create({ title: 'Flotsam' })
  const ann = await visit(t, stage.browser, stage.server.url)
  await ann.page.getByText('Flotsam').waitFor()
  await ann.page.clock.install()
  await trash(ann, 'Flotsam')
  const notice = ann.get('notice').filter({ hasText: 'Flotsam' })
  await notice.hover()
  await ann.page.clock.fastForward(60_000)
  assert.equal(await notice.count(), 1)
  await ann.page.keyboard.press('F6')
  await ann.page.mouse.move(5, 5)
  await ann.page.clock.fastForward(60_000)
  assert.equal(await notice.count(), 1)
  await ann.page.keyboard.press('F6')
  await ann.page.clock.fastForward(60_000)
  await notice.waitFor({ state: 'detached' })
})

/** Puts a document of the list into the trash. @param {Person} person @param {string} title */
async function trash({ page }, title) {
  const row = page.getByTestId('document-list').locator('li').filter({ hasText: title })
  await row.getByTestId('delete').click()
}

test('an export has the last words', deadline, async (t) => {
  const { person: ann } = await write(t, { text: 'before, ' })
  await ann.typeAtEnd('and the last words')
  await ann.get('export').click()
  assert.equal(await take(ann, 'md'), 'before, and the last words')
})

test('a slow export says how it goes and can be cancelled; a failed one can be tried again', deadline, async (t) => {
  const { person: ann } = await write(t)
  /** @type {(value: unknown) => void} */
  let release = () => {}
  const held = new Promise((resolve) => (release = resolve))
  await ann.page.route('**/export?format=html', async (route) => {
    await held
    await route.abort()
  })
  await ann.get('export').click()
  await ann.get('export-html').click()
  const progress = ann.get('notice').and(ann.page.locator('[data-tone=work]'))
  await progress.waitFor()
  await ann.get('notice-action').click()
  await progress.waitFor({ state: 'detached' })
  assert.equal(await ann.get('notice').count(), 0, 'whoever cancels is not told that it failed')

  release(undefined)
  await ann.get('export').click()
  await ann.get('export-html').click()
  const problem = ann.get('notice').and(ann.page.locator('[data-tone=problem]'))
  await problem.waitFor()
  await ann.page.unroute('**/export?format=html')
  const [download] = await Promise.all([ann.page.waitForEvent('download'), ann.get('notice-action').click()])
  assert.equal(download.suggestedFilename(), 'Tide table.html')
  assert.match(readFileSync(await download.path(), 'utf8'), /High at noon/)
})

test('without a server there is the text all the same', deadline, async (t) => {
  const proxy = await startProxy(t, stage.server)
  const { person: ann } = await write(t, { text: 'kept, ', origin: proxy.url })
  await prepared(ann, 'ExportItems')
  proxy.reset()
  await ann.typeAtEnd('here')
  await ann.becomes('offline', 'unsaved', 20_000)
  await ann.get('export').click()
  assert.ok(await ann.get('export-html').isDisabled())
  assert.ok(await ann.get('export-docx').isDisabled())
  assert.equal(await take(ann, 'txt'), 'kept, here')
  await ann.get('export').click()
  assert.equal(await take(ann, 'md'), 'kept, here')
})

/** A part of the page is there before it is wanted, with all that it needs. @param {Person} person @param {string} part */
function prepared({ page }, part) {
  const loaded = () =>
    page.evaluate(async (part) => {
      const scripts = performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\/assets\/.*\.js$/.test(name))
      // A part is fetched before what it imports is; imported once more, it is awaited with all of that.
      await Promise.all(scripts.map((name) => import(name)))
      return scripts.some((name) => name.includes(part))
    }, part)
  return until(`${part} is loaded`, loaded, { within_ms: 20_000, every_ms: 100 })
}

/** The text of a file from the open menu. @param {Person} person @param {string} format */
async function take({ page }, format) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`export-${format}`).click()])
  return readFileSync(await download.path(), 'utf8')
}

for (const [name, options] of /** @type {[string, Parameters<typeof visit>[3]][]} */ ([['a desk', {}], ['a phone', PHONE]])) {
  test(`nothing moves when the page takes the place of its skeleton, at ${name}`, deadline, async (t) => {
    const { person: ann } = await write(t, { ...options, ...UNAIDED })
    const edges = (/** @type {string[]} */ selectors) =>
      ann.page.evaluate(
        (selectors) =>
          selectors.map((selector) => {
            const box = [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect())
            return box.length === 0 ? null : [Math.round(box[0].top), Math.round(box[0].bottom)]
          }),
        selectors,
      )
    const compact = options !== undefined && 'isMobile' in options
    await ann.get('status-bar').waitFor()
    // On a phone the second row of the bar, elsewhere the toolbar.
    const second = compact ? '.page > .second, .second' : '.writer > .tools'
    const real = await edges(['.page header', second, '.writer > .foot'])
    await ann.page.route(/assets\/index-/, () => {})
    await ann.page.reload({ waitUntil: 'commit' })
    await ann.page.locator('.skeleton-foot').waitFor()
    assert.deepEqual(await edges(['.skeleton-bar', '.skeleton-tools', '.skeleton-foot']), real)
  })
}
