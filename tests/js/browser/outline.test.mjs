// The outline of a document: it lists the headings, says where one is, and leads there, on a desk and on a phone. Sections have addresses.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PHONE, setTheStage, visit } from '../lib/browser.mjs'
import { setTheHouse } from '../lib/house.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()
const house = setTheHouse()

const deadline = { timeout: 60_000 }


const words = 'Some words that fill the lines of this section, one after the other. '.repeat(20)
const TEXT = [
  '# The book',
  words,
  ...Array.from({ length: 12 }, (_, n) => `## Part ${n + 1}\n\n${words}\n\n### Notes\n\n${words}`),
  '## 第三节 结语',
  words,
  'Back to [part 2](#part-2) or [the notes of part 1](#notes) or [nowhere](#cwl_nowhere).',
].join('\n\n')

/**
 * @param {import('node:test').TestContext} t
 * @param {{ view?: string, fragment?: string, options?: object, text?: string, storage?: Record<string, string> }} [how]
 */
async function reading(t, { view = 'source', fragment = '', options = {}, text = TEXT, storage = {} } = {}) {
  const { id } = await stage.server.create({ title: 'The book', text })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}${fragment}`, {
    ...options,
    storage: { 'cowrite.view': view, ...storage },
  })
  await person.becomes('synced', 'saved')
  return person
}

/** @param {import('../lib/browser.mjs').Person} person */
const items = (person) => person.get('outline-list').getByRole('link')

/** Which heading the outline says one is at. @param {import('../lib/browser.mjs').Person} person */
const current = (person) => person.get('outline-list').locator('[aria-current]').textContent({ timeout: 1000 }).then((text) => text?.trim())

/** Which heading stands highest in the source, and how far from its top. @param {import('../lib/browser.mjs').Person} person */
const inSource = (person) =>
  person.page.evaluate(() => {
    const { view } = /** @type {any} */ (document.querySelector('.cm-content')).cmTile.root
    const top = view.scrollDOM.getBoundingClientRect().top
    const found = [...view.state.doc.toString().matchAll(/^#+ (.*)$/gm)]
      .map((match) => ({ text: match[1], top: view.documentTop + view.lineBlockAt(match.index).top - top }))
      .find(({ top }) => top > -5)
    return found && found.top < 40 ? found.text : null
  })

/** The same of the preview. @param {import('../lib/browser.mjs').Person} person */
const inPreview = (person) =>
  person.page.evaluate(() => {
    const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
    const top = pane.getBoundingClientRect().top
    const found = [...pane.querySelectorAll('h1, h2, h3')].find((heading) => heading.getBoundingClientRect().top - top > -5)
    return found && found.getBoundingClientRect().top - top < 60 ? found.textContent : null
  })

test('lists the headings, follows the scroll and leads to both sides', deadline, async (t) => {
  const person = await reading(t, { view: 'split' })
  await person.get('outline-toggle').click()
  await items(person).first().waitFor()
  assert.equal(await items(person).count(), 26)
  assert.deepEqual((await items(person).allTextContents()).slice(0, 4).map((text) => text.trim()), ['The book', 'Part 1', 'Notes', 'Part 2'])
  assert.equal(await current(person), 'The book')
  await items(person).filter({ hasText: 'Part 7' }).click()
  await until('the source is there', async () => (await inSource(person)) === 'Part 7')
  await until('the preview is there', async () => (await inPreview(person)) === 'Part 7')
  await until('the outline says so', async () => (await current(person)) === 'Part 7')
  // One came to write there.
  await person.page.keyboard.type('!')
  assert.match(await person.text(), /!## Part 7/)
  // And elsewhere, when somebody scrolls.
  await person.page.evaluate(() => {
    const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
    pane.dispatchEvent(new WheelEvent('wheel'))
    pane.scrollTop = 0
  })
  await until('the outline follows', async () => (await current(person)) === 'The book')
})

test('changes with the text, and is remembered', deadline, async (t) => {
  const person = await reading(t, { text: 'Nothing yet.\n' })
  await person.get('outline-toggle').click()
  await person.get('outline').waitFor()
  assert.equal(await items(person).count(), 0)
  await person.typeAtEnd('# A *new* `one`')
  await until('it is listed', async () => (await items(person).allTextContents()).join().trim() === 'A new one')
  await person.becomes('synced', 'saved')
  await person.page.reload()
  await items(person).first().waitFor()
  await person.get('outline-toggle').click()
  await until('it is gone', async () => (await person.get('outline').count()) === 0)
})

test('is used with the keyboard alone', deadline, async (t) => {
  const person = await reading(t, { view: 'preview', storage: { 'cowrite.outline': 'open' } })
  await items(person).nth(5).focus()
  await person.page.keyboard.press('Enter')
  await until('the preview is there', async () => (await inPreview(person)) === 'Part 3')
})

test('on a phone it is a sheet, and goes once something is chosen', deadline, async (t) => {
  const person = await reading(t, { view: 'preview', options: PHONE })
  await person.get('preview').locator('h1').waitFor()
  await person.get('export').click()
  await person.get('outline-toggle').click()
  await items(person).filter({ hasText: 'Part 9' }).tap()
  await until('the sheet is gone', async () => (await person.get('outline').count()) === 0)
  await until('one is there', async () => (await inPreview(person)) === 'Part 9')
})

for (const view of ['source', 'split', 'preview']) {
  test(`the address of a section leads there, in view ${view}`, deadline, async (t) => {
    const person = await reading(t, { view, fragment: '#notes-4' })
    const where = view === 'source' ? inSource : inPreview
    await until('one is there', async () => (await where(person)) === 'Notes')
    assert.equal(new URL(person.page.url()).hash, '#notes-4')
    if (view === 'source') return
    const before = await person.page.evaluate(() => {
      const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
      const top = pane.getBoundingClientRect().top
      return [...pane.querySelectorAll('h2')].filter((heading) => heading.getBoundingClientRect().top < top).at(-1)?.textContent
    })
    assert.equal(before, 'Part 5')
  })
}

test('sections in any script have addresses', deadline, async (t) => {
  const person = await reading(t, { view: 'preview', fragment: `#${encodeURIComponent('第三节-结语')}` })
  await until('it is in view', () =>
    person.page.evaluate(() => {
      const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
      const heading = [...pane.querySelectorAll('h2')].at(-1)?.getBoundingClientRect()
      return heading && heading.top >= pane.getBoundingClientRect().top && heading.bottom <= pane.getBoundingClientRect().bottom
    }),
  )
})

test('links inside the document lead there, and back leads back', deadline, async (t) => {
  const person = await reading(t, { view: 'preview' })
  const preview = person.get('preview')
  await preview.getByRole('link', { name: 'part 2', exact: true }).click()
  await until('one is there', async () => (await inPreview(person)) === 'Part 2')
  assert.equal(new URL(person.page.url()).hash, '#part-2')
  await preview.getByRole('link', { name: 'the notes of part 1' }).click()
  await until('one is there', async () => (await inPreview(person)) === 'Notes')
  await person.page.goBack()
  await until('one is back', async () => (await inPreview(person)) === 'Part 2')
  assert.equal(await preview.getByRole('link', { name: 'nowhere' }).count(), 0, 'what opens documents is no section')
})

test('a heading gives its link away', deadline, async (t) => {
  const person = await reading(t, { view: 'preview' })
  await person.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const heading = person.get('preview').getByRole('heading', { name: 'Part 4' })
  await heading.hover()
  await heading.getByRole('link').click()
  const link = await person.page.evaluate(() => navigator.clipboard.readText())
  assert.equal(new URL(link).pathname, new URL(person.page.url()).pathname)
  assert.equal(new URL(link).hash, '#part-4')
})

test('a link to the document is no section, and the other way around', deadline, async (t) => {
  const { id } = await house.ann.create({ title: 'The book', text: TEXT })
  const { address } = await house.ann.link(id, { role: 'viewer' })
  const person = await visit(t, house.browser, address, { storage: { 'cowrite.view': 'preview' } })
  await person.becomes('synced', null, 20_000)
  assert.equal(new URL(person.page.url()).hash, '', 'what opened it is out of sight')
  await person.get('preview').getByRole('link', { name: 'part 2', exact: true }).click()
  await until('one is there', async () => (await inPreview(person)) === 'Part 2')
  await person.page.reload()
  await person.becomes('synced', null, 20_000)
  await until('one is there again', async () => (await inPreview(person)) === 'Part 2')
  assert.equal(new URL(person.page.url()).hash, '#part-2')
  assert.equal(await person.get('preview').getByRole('checkbox').count(), 0)
})

test('pictures of a document come to whoever has its link', deadline, async (t) => {
  const { id } = await house.ann.create({ text: '![A cat](images/0123abcd.png) ![A dog](images/4567cdef.png)\n\n- [ ] task' })
  const { address } = await house.ann.link(id, { role: 'viewer' })
  const context = await house.browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  await page.addInitScript(() => localStorage.setItem('cowrite.view', 'preview'))
  const shown = /** @type {(string | undefined)[]} */ ([])
  const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  await page.route('**/images/0123abcd.png', (route) => {
    shown.push(route.request().headers()['cowrite-link'])
    return route.fulfill({ contentType: 'image/png', body: pixel })
  })
  await page.route('**/images/4567cdef.png', (route) => route.fulfill({ status: 404 }))
  await page.goto(address)
  const image = page.locator('[data-testid="preview"] img')
  await until('it is there', () => image.first().evaluate((element) => /** @type {HTMLImageElement} */ (element).naturalWidth > 0))
  assert.deepEqual(shown, [new URL(address).hash.slice(1)])
  assert.match(String(await image.first().getAttribute('src')), /^blob:/)
  await page.locator('.missing-image').filter({ hasText: 'A dog' }).waitFor()
  assert.equal(await page.locator('[data-testid="preview"] input').isDisabled(), true, 'whoever only reads ticks nothing')
})
