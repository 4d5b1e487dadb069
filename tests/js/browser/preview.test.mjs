// A document beside its preview: what is typed shows, the two scroll in step, boxes can be ticked, and of a long one far more is there than is
// laid out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree, meet, setTheStage, UNAIDED, visit } from '../lib/browser.mjs'
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
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, {
    storage: { 'cowrite.view': 'split' },
  })
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
    const before =
      view.state.doc.sliceString(0, view.state.doc.lineAt(Math.min(at + 20, view.state.doc.length)).to).match(/Chapter \d+/g) ??
      []
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

/** Lists, tables, long code and a picture, each between two headings. */
const MIXED = Array.from({ length: 12 }, (_, n) => {
  const code = Array.from({ length: 40 }, (_, line) => `let v${n}_${line} = 1`).join('\n')
  const rows = Array.from({ length: 15 }, (_, row) => `| row ${n}.${row} | ${'words '.repeat(row % 4)} |`).join('\n')
  const items = Array.from({ length: 20 }, (_, item) => `- item ${n}.${item} ${'and more words '.repeat(item % 5)}`).join('\n')
  const parts = [`\`\`\`js\n${code}\n\`\`\``, `| a | b |\n|---|---|\n${rows}`, items, `![late](https://late.example/${n}.png)`]
  return `## Chapter ${n}\n\n${'Some words of it. '.repeat(20)}\n\n${parts[n % 4]}\n\n${'And in the end. '.repeat(10)}\n`
}).join('\n')

/** 1 by 1 pixel; the page makes it as large as it is told to. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/**
 * Somebody beside `text`, with pictures that come when `release` is called.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} text
 */
async function mixed(t, text) {
  const { id } = await stage.server.create({ text })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, {
    storage: { 'cowrite.view': 'split' },
  })
  let release = () => {}
  const released = new Promise((resolve) => (release = () => resolve(null)))
  await person.page.route('https://late.example/**', async (route) => {
    await released
    await route.fulfill({ contentType: 'image/png', body: PIXEL })
  })
  await person.becomes('synced', 'saved')
  await person.get('preview').locator('h2').first().waitFor()
  return { person, release: () => release() }
}

/**
 * How far below the top of its pane a chapter's heading is on either side, in pixels.
 *
 * @param {import('../lib/browser.mjs').Person} person
 * @param {number} chapter
 * @returns {Promise<{ source: number, preview: number }>}
 */
function offsets(person, chapter) {
  return person.page.evaluate((chapter) => {
    const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
    const heading = /** @type {HTMLElement} */ (
      [...pane.querySelectorAll('h2')].find((h) => h.textContent === `Chapter ${chapter}`)
    )
    const { view } = /** @type {any} */ (document.querySelector('.cm-content')).cmTile.root
    const at = view.state.doc.toString().indexOf(`## Chapter ${chapter}\n`)
    const source = view.documentTop + view.lineBlockAt(at).top - view.scrollDOM.getBoundingClientRect().top
    return { source, preview: heading.getBoundingClientRect().top - pane.getBoundingClientRect().top }
  }, chapter)
}

/**
 * Scroll the source until a chapter's heading is at the top of both sides. Where it stands is a guess until it is drawn, and what was scrolled by
 * a guess leads somewhere else: then once more.
 *
 * @param {import('../lib/browser.mjs').Person} person
 * @param {number} chapter
 */
async function scrollTo(person, chapter) {
  await until(`chapter ${chapter} is at the top of both sides`, async () => {
    const { source, preview } = await offsets(person, chapter)
    if (Math.abs(source) < 1) return standsAtTop({ source, preview })
    await person.page.evaluate((by) => {
      const scroller = /** @type {HTMLElement} */ (document.querySelector('.cm-scroller'))
      scroller.dispatchEvent(new WheelEvent('wheel'))
      scroller.scrollTop += by
    }, source)
    return false
  })
}

/** A heading of the preview is at the top of its pane. @param {{ source: number, preview: number }} offsets */
function standsAtTop({ source, preview }) {
  assert.ok(Math.abs(preview) <= 3, `${preview} pixels away in the preview, ${source} in the source`)
  return true
}

test('headings stand beside each other, whatever is between them', deadline, async (t) => {
  const { person, release } = await mixed(t, MIXED)
  release()
  for (const chapter of [1, 2, 3, 5, 8, 4]) {
    await scrollTo(person, chapter)
  }
})

test('long code, lists and tables go along line by line', deadline, async (t) => {
  const { person } = await mixed(t, MIXED)
  for (const words of ['v4_20', 'row 5.9', 'item 6.12']) {
    const side = (/** @type {string} */ selector) =>
      person.page.evaluate(
        ({ selector, words }) => {
          const pane = /** @type {HTMLElement} */ (document.querySelector(selector))
          const walker = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT)
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.nodeValue?.indexOf(words) ?? -1
            if (at < 0) continue
            const range = document.createRange()
            range.setStart(node, at)
            range.setEnd(node, at + 3)
            return range.getBoundingClientRect().top - pane.getBoundingClientRect().top
          }
          return null
        },
        { selector, words },
      )
    // By the preview this time: the source follows. It is read in idle time, and what is far down comes last.
    await until(`the preview goes to “${words}”`, () =>
      person.page.evaluate((words) => {
        const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
        const places = [...pane.querySelectorAll('code, tr, li')]
        const place = places.find((element) => element.textContent?.includes(words))
        if (!place) return false
        pane.dispatchEvent(new WheelEvent('wheel'))
        place.scrollIntoView({ block: 'start' })
        if (place.tagName === 'CODE') pane.scrollTop += 300
        return true
      }, words),
    )
    await until(`“${words}” is at the same height on both sides`, async () => {
      const [source, preview] = [await side('.cm-scroller'), await side('[data-testid="preview"]')]
      assert.ok(source !== null && preview !== null && Math.abs(source - preview) < 60, `${source} beside ${preview}`)
      return true
    })
  }
})

test('a picture that comes late moves nothing away', deadline, async (t) => {
  const { person, release } = await mixed(t, MIXED)
  await scrollTo(person, 4)
  await person.page.evaluate(() => {
    /** @type {HTMLElement} */ for (const image of document.querySelectorAll('[data-testid="preview"] img'))
      (image).style.height = '600px'
  })
  release()
  await until('the picture is there', () =>
    person.page.evaluate(() => {
      const image = /** @type {HTMLImageElement} */ (document.querySelector('[data-testid="preview"] img'))
      return image.complete && image.naturalWidth > 0 && image.getBoundingClientRect().height === 600
    }),
  )
  await until('the heading is back', async () => standsAtTop(await offsets(person, 4)))
  assert.ok(Math.abs((await offsets(person, 4)).source) <= 2, 'and the source never left')
})

test('scrolled to the end by small steps, the other side never goes back', deadline, async (t) => {
  const { person } = await mixed(t, MIXED)
  await person.page.route('https://late.example/**', (route) => route.abort())
  await scrollTo(person, 10)
  const places = await person.page.evaluate(async () => {
    const scroller = /** @type {HTMLElement} */ (document.querySelector('.cm-scroller'))
    const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const places = []
    while (scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - 1) {
      scroller.scrollTop += 40
      await frame()
      await frame()
      places.push(pane.scrollTop)
    }
    return { places, left: pane.scrollHeight - pane.clientHeight - pane.scrollTop }
  })
  assert.ok(places.places.length > 10, 'there was something to scroll')
  for (const [n, place] of places.places.entries())
    assert.ok(place >= (places.places[n - 1] ?? 0) - 1, `step ${n} went back to ${place}`)
  assert.ok(places.left <= 2, 'both are at their end')
})

test('the width is shared as the reader likes it', deadline, async (t) => {
  const { id } = await stage.server.create({ text: '# Words' })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, {
    storage: { 'cowrite.view': 'split' },
  })
  const divider = person.get('divider')
  await divider.waitFor()
  const share = async () => Number(await divider.getAttribute('aria-valuenow'))
  const width = async (/** @type {string} */ name) => (await person.get(name).boundingBox())?.width ?? 0
  assert.equal(await share(), 50)
  const box = await divider.boundingBox()
  assert.ok(box)
  await person.page.mouse.move(box.x, box.y + 100)
  await person.page.mouse.down()
  await person.page.mouse.move(box.x - 200, box.y + 100, { steps: 5 })
  await person.page.mouse.up()
  await until('it has moved', async () => (await share()) < 35)
  assert.ok((await width('editor')) < (await width('preview')) - 300)
  await divider.press('ArrowRight')
  await divider.press('ArrowRight')
  const left = await share()
  await person.page.reload()
  await divider.waitFor()
  assert.equal(await share(), left, 'and is remembered')
  await divider.dblclick()
  assert.equal(await share(), 50)
  await divider.press('Home')
  assert.equal(await share(), 20)
  await divider.press('Enter')
  assert.equal(await share(), 50)
})

test('a task ticked in the preview is ticked for everybody, and undone by itself', deadline, async (t) => {
  const { id } = await stage.server.create({ text: '# List\n\n- [ ] one\n- [x] two\n' })
  const [ann, bob] = await meet(t, stage.browser, [stage.server.url, stage.server.url], id)
  await ann.typeAtEnd('- [ ] three')
  await ann.get('view-split').click()
  await bob.get('view-preview').click()
  const box = (/** @type {import('../lib/browser.mjs').Person} */ person, /** @type {string} */ name) =>
    person.get('preview').getByRole('checkbox', { name })
  await box(ann, 'three').click()
  assert.equal(await agree([ann, bob]), '# List\n\n- [ ] one\n- [x] two\n- [x] three')
  await until('Bob sees it', () => box(bob, 'three').isChecked())
  // By keyboard, again and again: the focus stays on the box, although the list is made anew.
  await box(ann, 'two').focus()
  await ann.page.keyboard.press('Space')
  await until('it is unticked', async () => (await ann.text()).includes('- [ ] two'))
  await until('the list is made anew', async () => !(await box(ann, 'two').isChecked()))
  await ann.page.keyboard.press('Space')
  await until('and ticked again', async () => (await ann.text()).includes('- [x] two'))
  await ann.page.locator('.cm-content').focus()
  await ann.page.keyboard.press('Control+z')
  assert.match(await ann.text(), /\[ \] two\n- \[x\] three/)
  await ann.page.keyboard.press('Control+z')
  await ann.page.keyboard.press('Control+z')
  assert.match(await ann.text(), /\[x\] two\n- \[ \] three/, 'each tick is one step, and what was typed before is another')
})

test('footnotes lead there and back', deadline, async (t) => {
  const text = `Words[^a].\n\n${'More words.\n\n'.repeat(80)}Again[^a] and[^b].\n\n[^a]: The note.\n[^b]: Another.`
  const { id } = await stage.server.create({ text })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, {
    storage: { 'cowrite.view': 'preview' },
  })
  const preview = person.get('preview')
  await preview.locator('.note-link').first().click()
  const notes = preview.getByRole('doc-endnotes').or(preview.locator('.footnotes'))
  await until('the note has the focus', () =>
    notes
      .locator('li')
      .first()
      .evaluate((item) => item === document.activeElement),
  )
  await until('and is in view', () => inView(person, '.footnotes li'))
  await notes.locator('.note-back').first().click()
  await until('one is back', () => inView(person, '.note-link'))
  assert.equal(
    await preview
      .locator('.note-link')
      .first()
      .evaluate((link) => link === document.activeElement),
    true,
  )
})

/** Whether the first of such elements in the preview is seen. @param {import('../lib/browser.mjs').Person} person @param {string} selector */
function inView(person, selector) {
  return person.page.evaluate((selector) => {
    const pane = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
    const { top, bottom } = /** @type {HTMLElement} */ (pane.querySelector(selector)).getBoundingClientRect()
    const view = pane.getBoundingClientRect()
    return top >= view.top && bottom <= view.bottom
  }, selector)
}

test('code is coloured, and can be copied', deadline, async (t) => {
  const code = 'const words = "here" // and more'
  const { id } = await stage.server.create({ text: `\`\`\`js\n${code}\n\`\`\`\n` })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, {
    storage: { 'cowrite.view': 'preview' },
  })
  await person.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const pre = person.get('preview').locator('pre')
  await until('it has colours', async () => (await pre.locator('span').count()) > 2)
  assert.equal(await pre.textContent(), code)
  await person.get('preview').getByRole('button', { name: 'Copy code' }).click()
  assert.equal(await person.page.evaluate(() => navigator.clipboard.readText()), code)
})

test('nothing of the preview is loaded before it is wanted', deadline, async (t) => {
  const { id } = await stage.server.create({ text: '# Words' })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`)
  const asked = (/** @type {RegExp} */ name) =>
    person.page
      .evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
      .then((all) => all.some((one) => name.test(one)))
  await person.becomes('synced', 'saved')
  assert.equal(await asked(/Preview-/), false)
  await person.get('view-split').click()
  await person.get('preview').locator('h1').waitFor()
  assert.equal(await asked(/Preview-/), true)
})

test('of a megabyte, what is in view is there first', { timeout: 120_000 }, async (t) => {
  const chapters = 2000
  const long = Array.from({ length: chapters }, (_, n) => `## Chapter ${n}\n\n${`words *of* chapter ${n} `.repeat(24)}\n`).join(
    '\n',
  )
  assert.ok(long.length > 1_000_000)
  const { id } = await stage.server.create({ text: long })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`)
  await person.becomes('synced', 'saved', 30_000)
  await person.page.evaluate(() => {
    const seen = /** @type {number[]} */ ([])
    Object.assign(window, { seen })
    new MutationObserver(() => {
      const count = document.querySelectorAll('[data-testid="preview"] h2').length
      if (count > 0 && count !== seen.at(-1)) seen.push(count)
    }).observe(document.body, { subtree: true, childList: true })
  })
  await person.get('view-split').click()
  await until('all chapters are there', async () => (await headings(person).count()) === chapters, {
    within_ms: 60_000,
  })
  const seen = await person.page.evaluate(() => /** @type {any} */ (window).seen)
  assert.ok(seen[0] < chapters / 4, `at first there were ${seen[0]}`)
  assert.ok(seen.length > 3, 'and the rest came bit by bit')
})

test('printing lays out the whole document, whatever view is open', deadline, async (t) => {
  const { id } = await stage.server.create({ title: 'A book', text })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`)
  await person.becomes('synced', 'saved')
  await person.page.evaluate(() => (window.print = () => void Object.assign(window, { printed: true })))
  await person.page.keyboard.press('Control+p')
  await until('the dialog is opened', () => person.page.evaluate(() => /** @type {any} */ (window).printed === true))
  const paper = person.page.locator('.paper')
  assert.equal(await paper.locator('h2').count(), CHAPTERS)
  assert.equal(await paper.isVisible(), false)
  await person.page.emulateMedia({ media: 'print' })
  assert.equal(await paper.locator('h1').textContent(), 'A book')
  assert.equal(await paper.isVisible(), true)
  assert.equal(await person.get('editor').isVisible(), false)
  assert.equal(await person.page.title(), 'A book')
  await person.page.emulateMedia({ media: 'screen' })
  await person.page.evaluate(() => dispatchEvent(new Event('afterprint')))
  await until('it is gone', async () => (await paper.count()) === 0)
})

test('the browser’s own command prints the whole document too, also before that was prepared', deadline, async (t) => {
  const { id } = await stage.server.create({ title: 'A book', text })
  const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, UNAIDED)
  /** What the printer sees, looked at after everybody who hears of it. */
  const look = () =>
    person.page.evaluate(() =>
      addEventListener(
        'beforeprint',
        () =>
          Object.assign(window, {
            printed: ['h2', 'pre.source-on-paper'].map(
              (kind) => document.querySelectorAll(kind === 'h2' ? '.paper h2' : `body > ${kind}`).length,
            ),
          }),
        { once: true },
      ),
    )
  const printed = () => person.page.evaluate(() => /** @type {any} */ (window).printed)
  const pages = async () => (await person.page.pdf()).toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0
  const nothingLeft = () =>
    until('nothing of it is left', async () => (await person.page.locator('body > :is(.paper, .source-on-paper)').count()) === 0)

  await person.page.route('**/print-*.js', (route) => route.abort())
  await person.page.reload()
  await person.becomes('synced', 'saved')
  await look()
  assert.ok((await pages()) > 5, 'the text as it is written')
  assert.deepEqual(await printed(), [0, 1])
  await nothingLeft()

  await person.page.unroute('**/print-*.js')
  await person.page.reload()
  await until('what lays it out is here, and stands by', async () => {
    await look()
    assert.ok((await pages()) > 5, 'the text as it reads, or as it is written')
    return (await printed()).join() === `${CHAPTERS},0`
  })
  await nothingLeft()
})
