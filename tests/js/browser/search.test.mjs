// Among many documents one is found by its words, by its tags and by its place in the list; the address says what is shown.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fits, PHONE, setTheStage, visit } from '../lib/browser.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()

const deadline = { timeout: 60_000 }

/** Ids by title. @type {Record<string, string>} */
const ids = {}

/** The library is filled for the first who comes. */
let filled = /** @type {Promise<void> | undefined} */ (undefined)
const fill = () => (filled ??= fillOnce())

async function fillOnce() {
  for (const [title, text, tags] of /** @type {const} */ ([
    ['Zebra crossing', 'The lighthouse keeper walks home.', ['roads']],
    ['Lighthouse', 'It stands on a rock.', ['sea', 'towers']],
    ['灯塔计划', '我们要在海边修一座灯塔。', ['sea']],
  ])) {
    const { id } = await stage.server.create({ title, text })
    ids[title] = id
    const patch = { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ tags }) }
    await stage.server.fetch(`/api/v1/documents/${id}`, patch)
  }
  await until('they are in the index', async () => {
    const { documents } = await (await stage.server.fetch('/api/v1/documents?query=lighthouse')).json()
    const { documents: chinese } = await (await stage.server.fetch('/api/v1/documents?query=%E7%81%AF%E5%A1%94')).json()
    return documents.length === 2 && chinese.length === 1
  })
}

/** @param {import('../lib/browser.mjs').Person} person */
const titles = async (person) => await person.get('document-list').locator('a[data-row]').allTextContents()

test('words are found while they are typed, in titles and texts, and by the keyboard alone', deadline, async (t) => {
  await fill()
  const ann = await visit(t, stage.browser, stage.server.url)
  await ann.get('document-list').locator('li').first().waitFor()
  await ann.page.keyboard.press('/')
  await ann.page.keyboard.type('lightho')
  const marks = () => ann.get('document-list').locator('mark').allTextContents()
  // What the first letters find is shown until the answer for all of them is here.
  await until('all that was typed is marked', async () => (await marks()).join() === 'Lightho,lightho')
  assert.deepEqual(await titles(ann), ['Lighthouse', 'Zebra crossing'], 'the best first')
  await until('it is said how many', async () =>
    /^2 results for/.test(String(await ann.get('result-count').textContent())),
  )
  assert.equal(new URL(ann.page.url()).searchParams.get('q'), 'lightho')

  await ann.page.keyboard.press('ArrowDown')
  await ann.page.keyboard.press('ArrowDown')
  await ann.page.keyboard.press('ArrowUp')
  await ann.page.keyboard.press('ArrowUp')
  assert.ok(await ann.get('search').evaluate((field) => field === document.activeElement), 'back in the field')
  await ann.page.keyboard.press('Escape')
  await until('the list is back', async () => (await titles(ann)).length === 3)
  assert.equal(await ann.get('search').inputValue(), '')
  assert.equal(new URL(ann.page.url()).search, '')

  await ann.page.keyboard.type('zebra')
  await until('there is one', async () => (await titles(ann)).length === 1)
  await ann.page.keyboard.press('ArrowDown')
  await ann.page.keyboard.press('Enter')
  await ann.page.waitForURL(`**/d/${ids['Zebra crossing']}`)
  await ann.page.goBack()
  await until('the search is as it was', async () => (await ann.get('search').inputValue()) === 'zebra')
  await until('with what it found', async () => (await titles(ann)).join() === 'Zebra crossing')
})

test('an answer that is late does not take the place of a newer one', deadline, async (t) => {
  await fill()
  const ann = await visit(t, stage.browser, stage.server.url)
  await ann.get('document-list').locator('li').first().waitFor()
  /** @type {(() => void) | undefined} */
  let release
  const held = new Promise((resolve) => (release = () => resolve(undefined)))
  let asked = false
  const first = /query=zebra(&|$)/
  const isFirst = (/** @type {import('playwright-core').Request} */ request) => first.test(request.url())
  const over = Promise.race([
    ann.page.waitForEvent('requestfinished', isFirst),
    ann.page.waitForEvent('requestfailed', isFirst),
  ])
  await ann.page.route(first, async (route) => {
    asked = true
    await held
    await route.continue().catch(() => {})
  })
  await ann.get('search').fill('zebra')
  await until('the first is on its way', () => asked)
  await ann.get('search').fill('rock')
  await until('the second is answered', async () => (await titles(ann)).join() === 'Lighthouse')
  release?.()
  await over
  await ann.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  assert.deepEqual(await titles(ann), ['Lighthouse'])
})

test('nothing found says what to do, in Chinese too, on a phone', deadline, async (t) => {
  await fill()
  const ann = await visit(t, stage.browser, `${stage.server.url}/?q=${encodeURIComponent('灯塔')}`, {
    ...PHONE,
    locale: 'zh-CN',
  })
  await until('the Chinese one is found', async () => (await titles(ann)).join() === '灯塔计划')
  assert.ok((await ann.get('document-list').locator('mark').count()) >= 2, 'in the title and in the text')
  await fits(ann)
  await ann.get('search').fill('qwertz')
  await until('there is nothing', async () => /没有找到“qwertz”/.test(String(await ann.get('empty').textContent())))
  await fits(ann)
  await ann.get('empty').getByRole('button').last().tap()
  await until('the list is back', async () => (await titles(ann)).length === 3)
})

for (const [size, options] of /** @type {const} */ ([['a desk', {}], ['a phone', PHONE]])) {
  test(`tags are given, suggested, taken away and looked for, on ${size}`, deadline, async (t) => {
    await fill()
    const { id } = await stage.server.create({ title: `Tagged on ${size}` })
    const ann = await visit(t, stage.browser, stage.server.url, options)
    const line = ann.page.locator(`[data-id="${id}"]`)
    await line.getByTestId('row-menu').click()
    await ann.get('edit-tags').click()
    await ann.get('tag-field').fill('to do')
    await ann.page.keyboard.press('Enter')
    await ann.get('tag-suggestions').getByText('sea', { exact: true }).click()
    await ann.get('tag-field').fill('x'.repeat(33))
    await ann.page.keyboard.press('Enter')
    await ann.get('problem').waitFor()
    await fits(ann, options.viewport?.width ?? 1100)
    const tags = async () => (await (await stage.server.fetch(`/api/v1/documents/${id}`)).json()).tags
    await until('the server has them', async () => (await tags()).join() === 'to do,sea')
    await ann.page.keyboard.press('Escape')
    await line.getByTestId('row-tag').first().waitFor()

    await ann.get('tag-filter').getByText('sea', { exact: true }).click()
    await until('only those of the sea are there', async () => {
      const shown = await titles(ann)
      return shown.length >= 3 && !shown.includes('Zebra crossing')
    })
    assert.equal(new URL(ann.page.url()).searchParams.get('tag'), 'sea')
    await fits(ann, options.viewport?.width ?? 1100)
    await ann.page.reload()
    await until('they still are', async () => (await titles(ann)).length >= 3 && !(await titles(ann)).includes('Zebra crossing'))

    await line.getByTestId('row-menu').click()
    await ann.get('edit-tags').click()
    await ann.get('tags-dialog').getByRole('button', { name: 'Remove “to do”' }).click()
    await until('the server has one', async () => (await tags()).join() === 'sea')
    await ann.page.keyboard.press('Escape')
    await ann.page.goBack()
    await until('all are there again', async () => (await titles(ann)).includes('Zebra crossing'))
    await stage.server.fetch(`/api/v1/documents/${id}?for_good=true`, { method: 'DELETE' })
  })
}

test('the list goes by the alphabet for whoever wants it to, and a link keeps it', deadline, async (t) => {
  await fill()
  const ann = await visit(t, stage.browser, stage.server.url)
  await until('the last edited is first', async () => (await titles(ann))[0] === '灯塔计划')
  await ann.get('sort').selectOption('title')
  await until('the alphabet rules', async () => (await titles(ann)).join() === 'Lighthouse,Zebra crossing,灯塔计划')
  await ann.page.reload()
  await until('it still does', async () => (await titles(ann)).join() === 'Lighthouse,Zebra crossing,灯塔计划')
  await ann.page.goBack()
  await until('and no more', async () => (await titles(ann))[0] === '灯塔计划')
  assert.equal(await ann.get('sort').inputValue(), 'updated')
})
