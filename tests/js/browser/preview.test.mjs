// A long document beside its preview: what is typed shows, the two scroll in step, and far more is there than is laid out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTheStage, visit } from '../lib/browser.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()

const deadline = { timeout: 60_000 }

const CHAPTERS = 400

/** Chapters of a heading, a paragraph of several lines and a list. */
const text = Array.from({ length: CHAPTERS }, (_, n) => {
  const words = `words of chapter ${n} `.repeat(30 + (n % 7) * 20)
  return `## Chapter ${n}\n\n${words}\n\n- one\n- two\n`
}).join('\n')

/** @param {import('node:test').TestContext} t */
async function reading(t) {
  const { id } = await stage.server.create({ text })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, { storage: { 'cowrite.view': 'split' } })
  await person.becomes('synced', 'saved')
  await until('all chapters are rendered', async () => (await headings(person).count()) === CHAPTERS)
  return person
}

/** @param {import('../lib/browser.mjs').Person} person */
const headings = (person) => person.get('preview').locator('h2')

/** The chapter at the top of either side. @param {import('../lib/browser.mjs').Person} person */
function tops(person) {
  return person.page.evaluate(() => {
    const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
    const top = pane.getBoundingClientRect().top
    const above = [...pane.querySelectorAll('h2')].filter((heading) => heading.getBoundingClientRect().top <= top + 8)
    const content = /** @type {any} */ (document.querySelector('.cm-content'))
    const { view } = content.cmTile.root
    const at = view.lineBlockAtHeight(view.scrollDOM.getBoundingClientRect().top - view.documentTop + 8).from
    const before = view.state.doc.sliceString(0, at + 20).match(/Chapter \d+/g) ?? []
    return { preview: above.at(-1)?.textContent ?? null, source: /** @type {string} */ (before.at(-1)) }
  })
}

/** @param {import('../lib/browser.mjs').Person} person @param {string} selector @param {number} share of the way down */
function scroll(person, selector, share) {
  return person.page.evaluate(
    ({ selector, share }) => {
      const element = /** @type {HTMLElement} */ (document.querySelector(selector))
      element.dispatchEvent(new WheelEvent('wheel'))
      element.scrollTop = share * (element.scrollHeight - element.clientHeight)
    },
    { selector, share },
  )
}

const chapter = (/** @type {string | null} */ name) => Number(/\d+/.exec(name ?? '')?.[0] ?? Number.NaN)

test('the two sides scroll in step', deadline, async (t) => {
  const person = await reading(t)
  for (const [leader, share] of /** @type {const} */ ([
    ['.cm-scroller', 0.4],
    ['.cm-scroller', 0.8],
    ['[data-testid="preview"]', 0.6],
    ['[data-testid="preview"]', 0.2],
    ['.cm-scroller', 0.5],
  ])) {
    await scroll(person, leader, share)
    await until(`both are at the same chapter, ${share} of the way down`, async () => {
      const { preview, source } = await tops(person)
      assert.ok(Math.abs(chapter(preview) - chapter(source)) <= 1, `${preview} beside ${source}`)
      assert.ok(chapter(source) > CHAPTERS * (share - 0.2), `${source} is not ${share} of the way down`)
      return true
    })
  }
  await scroll(person, '.cm-scroller', 1)
  await until('both are at the end', () =>
    person.page.evaluate(() => {
      const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
      return pane.scrollTop > 0 && pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2
    }),
  )
})

test('what is typed far down shows, and nothing else is rendered again', deadline, async (t) => {
  const person = await reading(t)
  await person.page.evaluate(() => {
    for (const heading of document.querySelectorAll('[data-testid="preview"] h2')) Object.assign(heading, { known: true })
  })
  await person.typeAtEnd('\n## One more\n')
  await until('the new chapter shows', async () => (await headings(person).last().textContent()) === 'One more')
  const known = await headings(person).evaluateAll((all) => all.map((heading) => /** @type {any} */ (heading).known === true))
  assert.deepEqual(known, [...Array(CHAPTERS).fill(true), false])
})
