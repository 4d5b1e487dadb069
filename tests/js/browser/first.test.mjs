// What is seen before the app is there, and where there is nothing for it to show.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fits, PHONE, setTheStage, UNAIDED, visit } from '../lib/browser.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()

const deadline = { timeout: 60_000 }
const SENTENCE = 'Some words that two people wrote together. '
const TEXT = `# Tides & <b>moon</b>\n\n${SENTENCE.repeat(12)}\n\n- [ ] 看月亮\n`
/** The app's own script. */
const ENTRY = /assets\/index-/

/**
 * Opens a document's page, again where the server was too busy to have the first lines ready in time: it then does without.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} id
 * @param {string} [words] of the lines
 */
const glimpse = (page, id, words = '看月亮') =>
  until('its first lines are in the page', async () => {
    const answer = await page.goto(`${stage.server.url}/d/${id}`, { waitUntil: 'commit' })
    return (await answer?.text())?.includes(words)
  })

/** Where lines are, in pixels. @param {import('playwright-core').Locator} lines */
const places = (lines) =>
  lines.evaluateAll((lines) =>
    lines.slice(0, 5).map((line) => {
      const { left, top, width, height } = line.getBoundingClientRect()
      return { text: line.textContent, left, top, width, height }
    }),
  )

for (const [where, options] of /** @type {[string, Parameters<typeof visit>[3]][]} */ ([['a desk', {}], ['a phone', PHONE]])) {
  test(`a document is read before the app is there, where it then is, at ${where}`, deadline, async (t) => {
    const { id } = await stage.server.create({ title: 'Tide <i>table</i>', text: TEXT, kind: 'text' })
    const ann = await visit(t, stage.browser, stage.server.url, { ...options, ...UNAIDED })
    await ann.page.route(ENTRY, () => {})
    await glimpse(ann.page, id)
    await ann.page.getByText('看月亮').waitFor()
    await ann.page.locator('.skeleton-bar').getByText('Tide <i>table</i>').waitFor()
    const before = await places(ann.page.locator('.glimpse > div'))
    assert.equal(before[0].text, '# Tides & <b>moon</b>')
    if (options === PHONE) await fits(ann)

    await ann.page.unroute(ENTRY)
    await ann.page.reload()
    await ann.becomes('synced', 'saved')
    assert.deepEqual(await places(ann.page.locator('.cm-line')), before)
    assert.equal(await ann.page.locator('.glimpse').count(), 0)
  })
}

test('the first lines are read until the text is here, and are not written into', deadline, async (t) => {
  const { id } = await stage.server.create({ text: TEXT, kind: 'text' })
  const ann = await visit(t, stage.browser, stage.server.url, UNAIDED)
  /** @type {(value?: unknown) => void} */
  let release = () => {}
  const held = new Promise((resolve) => (release = resolve))
  await ann.page.routeWebSocket(/\/ws\//, async (socket) => {
    await held
    socket.connectToServer()
  })
  // In every frame from the first with the lines on, somebody reads them.
  await ann.page.addInitScript(() => {
    const frames = { seen: 0, blank: 0 }
    Object.assign(window, { frames })
    requestAnimationFrame(function look() {
      const read = [...document.querySelectorAll('.glimpse, .cm-content')].some((text) => text.textContent?.includes('看月亮'))
      if (read) frames.seen++
      else if (frames.seen > 0) frames.blank++
      requestAnimationFrame(look)
    })
  })
  await glimpse(ann.page, id)
  await ann.get('status-bar').waitFor()
  const before = await places(ann.page.locator('.source > .glimpse > div'))
  assert.ok(before.length > 0)
  await ann.page.locator('.cm-content').focus()
  await ann.page.keyboard.type('too early')

  release()
  await ann.becomes('synced', 'saved')
  assert.deepEqual(await places(ann.page.locator('.cm-line')), before)
  assert.equal(await ann.text(), TEXT)
  assert.equal(await ann.page.locator('.glimpse').count(), 0)
  assert.equal(await ann.page.evaluate(() => /** @type {any} */ (window).frames.blank), 0)
  await ann.typeAtEnd('And the sun.')
  await until('it is written', async () => (await ann.text()) === `${TEXT}And the sun.`)
})

test('who was here before does not see what the text was then', deadline, async (t) => {
  const { id } = await stage.server.create({ text: 'As it was.', kind: 'text' })
  const address = `${stage.server.url}/d/${id}`
  const ann = await visit(t, stage.browser, address, UNAIDED)
  await ann.becomes('synced', 'saved')
  await until('it is kept', () => ann.page.evaluate(async () => (await indexedDB.databases()).length > 0))
  await ann.page.goto('about:blank')
  const bob = await visit(t, stage.browser, address, UNAIDED)
  await bob.becomes('synced', 'saved')
  await bob.page.keyboard.press('Control+a')
  await bob.insert('As it is.')
  await bob.becomes('synced', 'saved')

  await ann.page.addInitScript(() => {
    const seen = /** @type {string[]} */ ([])
    Object.assign(window, { seen })
    requestAnimationFrame(function look() {
      const text = document.querySelector('.glimpse') ?? document.querySelector('.cm-content')
      const words = text?.textContent ?? ''
      if (words !== seen.at(-1)) seen.push(words)
      requestAnimationFrame(look)
    })
  })
  await glimpse(ann.page, id, 'As it is.')
  await ann.becomes('synced', 'saved')
  await until('the lines made room', async () => (await ann.page.locator('.glimpse').count()) === 0)
  const seen = /** @type {string[]} */ (await ann.page.evaluate(() => /** @type {any} */ (window).seen))
  assert.deepEqual(seen.filter((words) => words !== ''), ['As it is.'])
})

test('without a connection the first lines make room for what can be written', deadline, async (t) => {
  const { id } = await stage.server.create({ text: TEXT })
  const ann = await visit(t, stage.browser, stage.server.url, UNAIDED)
  await ann.page.routeWebSocket(/\/ws\//, (socket) => socket.close())
  await glimpse(ann.page, id)
  await ann.becomes('offline')
  assert.equal(await ann.page.locator('.glimpse').count(), 0)
})

test('who reads the preview is not shown its source first', deadline, async (t) => {
  const { id } = await stage.server.create({ text: TEXT })
  const ann = await visit(t, stage.browser, stage.server.url, { storage: { 'cowrite.view': 'preview' }, ...UNAIDED })
  await ann.page.route(ENTRY, () => {})
  await glimpse(ann.page, id)
  await ann.page.locator('.skeleton-page').waitFor()
  assert.equal(await ann.page.locator('.glimpse').isVisible(), false)
})

test('without scripts there is the beginning of the text', deadline, async (t) => {
  const { id } = await stage.server.create({ text: TEXT })
  const context = await stage.browser.newContext({ javaScriptEnabled: false })
  t.after(() => context.close())
  const page = await context.newPage()
  await glimpse(page, id)
  await page.getByText('看月亮').waitFor()
})

test('where nothing is, people are told in their language, and led back', deadline, async (t) => {
  const options = { ...PHONE, locale: 'zh-CN' }
  const ann = await visit(t, stage.browser, stage.server.url, options)
  for (const [address, status] of /** @type {[string, number][]} */ ([['/nowhere', 404], ['/d/not%20one', 400], ['/d/a/b', 404]])) {
    const answer = await ann.page.goto(stage.server.url + address)
    assert.equal(answer?.status(), status)
    await ann.page.getByRole('heading', { name: '这里什么都没有' }).waitFor()
    await fits(ann)
  }
  await ann.page.getByRole('main').getByRole('link').last().click()
  await ann.page.waitForURL(`${stage.server.url}/`)
})
