// Who is here, what they do and where they are: seen, followed, and told to whoever does not see the page.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as Y from 'yjs'
import { agree, meet, PHONE, setTheStage, visit } from '../lib/browser.mjs'
import { StockClient } from '../lib/client.mjs'
import { House } from '../lib/house.mjs'
import { startProxy } from '../lib/proxy.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()

const deadline = { timeout: 90_000 }
const LINES = 300
const TEXT = Array.from({ length: LINES }, (_, n) => (n % 20 === 0 ? `# Part ${n / 20}` : `line ${n} of it`)).join('\n\n')

/** Somebody at another client than this app, any that speaks Yjs. They go with the test. */
class Other extends StockClient {
  /**
   * @param {import('node:test').TestContext} t
   * @param {string} id
   * @param {string} name
   */
  static async join(t, id, name) {
    const other = new Other(stage.server, id)
    t.after(() => other.leave())
    other.provider.awareness.setLocalStateField('user', { name, color: '#0f7553', colorLight: '#0f755333' })
    await other.synced()
    return other
  }

  /** Put the caret before `words`, or select them. */
  at(/** @type {string} */ words, selects = false) {
    const index = this.text.toString().indexOf(words)
    assert.ok(index >= 0, `${words} is in the text`)
    const [anchor, head] = [index, index + (selects ? words.length : 0)].map((at) =>
      Y.createRelativePositionFromTypeIndex(this.text, at),
    )
    this.provider.awareness.setLocalStateField('cursor', { anchor, head })
  }

  /** Type until `condition` holds, with the pace of a person. */
  async typeUntil(/** @type {string} */ what, /** @type {() => unknown} */ condition) {
    await until(
      what,
      () => {
        this.text.insert(this.text.length, 'x')
        return condition()
      },
      { every_ms: 120 },
    )
  }
}

/** Somebody here opens a document in which others are. */
async function open(/** @type {import('node:test').TestContext} */ t, /** @type {string[]} */ names, options = {}) {
  const { id } = await stage.server.create({ text: TEXT })
  const others = await Promise.all(names.map((name) => Other.join(t, id, name)))
  const ann = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, { storage: { 'cowrite.name': 'Ann' }, ...options })
  await ann.becomes('synced', 'saved', 20_000)
  if (names.length > 0) await ann.get('avatar').first().waitFor()
  return { id, ann, others }
}

/** @param {import('../lib/browser.mjs').Person} person */
const scrolled = (person) => person.page.locator('.cm-scroller').evaluate(({ scrollTop }) => scrollTop)

/** Whether the first caret of another is within what is seen of the text. @param {import('../lib/browser.mjs').Person} person */
async function seesCaret(person) {
  const caret = await person.page.locator('.cm-peer-caret').first().boundingBox()
  const text = await person.page.locator('.cm-scroller').boundingBox()
  return !!caret && !!text && caret.y >= text.y && caret.y + caret.height <= text.y + text.height
}

/** A finger that stays. @param {import('playwright-core').Locator} locator */
async function pressLong(locator) {
  const box = await locator.boundingBox()
  assert.ok(box)
  const at = { pointerType: 'touch', clientX: box.x + 5, clientY: box.y + 5, bubbles: true, isPrimary: true, pointerId: 5 }
  await locator.dispatchEvent('pointerdown', at)
  return () => locator.dispatchEvent('pointerup', at)
}

test('everybody is in a list, with where they are, and can be reached by keyboard', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob', 'Cem', 'Dora', 'Emil', 'Fay', 'Gus', 'Hal'])
  await until('there is a place for each that fits', async () => (await ann.get('avatar').count()) === 4)
  const more = ann.get('everybody')
  assert.equal(await more.textContent(), '+3')
  others[6].at('line 47 of it')

  await more.focus()
  await ann.page.keyboard.press('Enter')
  const list = ann.get('people').locator('li')
  await until('all are listed', async () => (await list.count()) === 7)
  const hal = list.filter({ hasText: 'Hal' })
  await until('it says where', async () => (await hal.textContent())?.includes('line 95 · Part 2'))
  await until('and who is nowhere', async () => (await list.filter({ hasText: 'Bob' }).textContent())?.includes('not in the text'))

  await ann.page.keyboard.press('Tab')
  assert.ok(await ann.get('people').evaluate((people) => people.contains(document.activeElement)), 'Tab leads into it')
  await ann.page.keyboard.press('Escape')
  assert.ok(await more.evaluate((button) => button === document.activeElement), 'and Escape back')

  await more.click()
  await hal.getByRole('button').first().click()
  await until('a click goes to where they are', () => seesCaret(ann))
})

test('whoever does something is shown before those who do nothing', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob', 'Cem', 'Dora', 'Emil', 'Fay', 'Gus', 'Hal'])
  const shown = () => ann.get('avatar').evaluateAll((all) => all.map((button) => button.getAttribute('aria-label')?.split(/[,:]/)[0]))
  await until('the seats are taken', async () => (await shown()).length === 4)
  const before = await shown()
  const quiet = others.find((_, n) => !before.includes(['Bob', 'Cem', 'Dora', 'Emil', 'Fay', 'Gus', 'Hal'][n]))
  assert.ok(quiet)
  // Somebody has to be quiet for a while before they give way.
  await until(
    'who types has a seat',
    async () => {
      quiet.text.insert(0, 'x')
      return (await shown()).some((name) => !before.includes(name))
    },
    { within_ms: 40_000, every_ms: 200 },
  )
  const after = await shown()
  assert.equal(before.filter((name) => after.includes(name)).length, 3, 'and all but one keep theirs')
})

test('on a phone the list is on the page, and following begins in it', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob', 'Cem', 'Dora'], PHONE)
  others.forEach((other, n) => other.at(`line ${201 + n} of it`))
  await until('the stack is small', async () => (await ann.get('everybody').textContent()) === '+2')
  await ann.get('everybody').tap()
  await ann.get('people').waitFor()
  const box = await ann.get('people').boundingBox()
  assert.ok(box && box.x >= 0 && box.x + box.width <= 390, 'it does not stick out')
  await ann.get('people').locator('li').filter({ hasText: 'Cem' }).getByTestId('follow').tap()
  await ann.get('following').waitFor()
  await until('the view is where they are', () => seesCaret(ann))
  const [content, width] = await ann.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  assert.equal(content, width)
  await ann.get('stop-following').tap()
  await ann.get('following').waitFor({ state: 'detached' })
})

test('who types is shown at their face and in words, and nobody else', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob', 'Cem'])
  const [bob, cem] = others
  cem.text.insert(0, 'a paste ')
  cem.at('line 7 of it')
  await bob.typeUntil('it says who types', async () => (await ann.get('who-types').textContent({ timeout: 50 }).catch(() => null)) === 'Bob is typing…')
  assert.equal(await ann.get('typing').count(), 1)
  assert.match(String(await ann.page.getByRole('button', { name: /^Bob, typing/ }).getAttribute('title')), /^Bob/)
  await until('it ends by itself', async () => (await ann.get('who-types').count()) === 0 && (await ann.get('typing').count()) === 0)
})

test('following goes where somebody goes, until Escape or anything else that one does with the text', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob'])
  const [bob] = others
  const face = ann.get('avatar')
  const following = ann.get('following')
  const follow = async () => {
    bob.at('line 1 of it')
    await face.click({ modifiers: ['Shift'] })
    await following.waitFor()
    await until('it is where they are', () => seesCaret(ann))
    bob.at('line 241 of it')
    await until('it goes along', async () => (await scrolled(ann)) > 2000 && (await seesCaret(ann)))
  }
  const ends = async (/** @type {string} */ how) => {
    await until(`${how} ends it`, async () => (await following.count()) === 0)
    const before = await scrolled(ann)
    bob.at('line 61 of it')
    await until('the list knows of the new place', async () => (await ann.page.locator('.cm-peer-caret').count()) === 0)
    assert.equal(await scrolled(ann), before, 'and the view stays')
  }

  await follow()
  assert.match(String(await following.textContent()), /Following Bob/)
  for (const line of [243, 245, 247, 249, 251, 253, 255, 257, 259]) {
    bob.at(`line ${line} of it`)
    await until('it goes on and on', () => seesCaret(ann))
  }
  await ann.page.keyboard.press('Escape')
  await ends('Escape')

  await follow()
  await ann.page.locator('.cm-scroller').hover()
  await ann.page.mouse.wheel(0, 40)
  await until('scrolling ends it', async () => (await following.count()) === 0)
  let at = -1
  const rests = async () => at === (at = await scrolled(ann))
  await until('the wheel has run out: what is left of it would end the next following', rests, { every_ms: 150 })

  await follow()
  await ann.page.locator('.cm-content').focus()
  await ann.page.keyboard.type('x')
  await until('typing ends it', async () => (await following.count()) === 0)

  await follow()
  await face.click({ modifiers: ['Shift'] })
  await ends('asking once more')
})

test('a long press follows on a phone, and does nothing else', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob'], PHONE)
  others[0].at('line 241 of it')
  const lift = await pressLong(ann.get('avatar'))
  await ann.get('following').waitFor()
  await lift()
  await ann.get('avatar').dispatchEvent('click')
  await until('the view is where they are', () => seesCaret(ann))
  assert.equal(await ann.get('following').count(), 1, 'the click at its end is none')
  await ann.get('avatar').tap()
  assert.equal(await ann.get('following').count(), 1, 'and a tap goes to where they are, which one is')
})

test('following works in the preview, and beside it', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob'])
  const [bob] = others
  const pane = ann.get('preview')
  const inPreview = (/** @type {string} */ words) => async () => {
    const [box, frame] = [await pane.getByText(words, { exact: true }).boundingBox(), await pane.boundingBox()]
    return !!box && !!frame && box.y >= frame.y && box.y + box.height <= frame.y + frame.height
  }
  await ann.get('view-preview').click()
  bob.at('line 241 of it')
  await ann.get('avatar').click({ modifiers: ['Shift'] })
  await until('the preview shows where they are', inPreview('line 241 of it'))
  bob.at('line 61 of it')
  await until('and goes along', inPreview('line 61 of it'))
  assert.equal(await ann.get('view-preview').getAttribute('aria-pressed'), 'true', 'the view is as it was')
  await ann.get('view-split').click()
  await pane.hover()
  bob.at('line 201 of it')
  await until('both go along', async () => (await seesCaret(ann)) && (await inPreview('line 201 of it')()))
})

test('following somebody who leaves ends with a word', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob', 'Cem'])
  await ann.page.getByRole('button', { name: /^Bob/ }).click({ modifiers: ['Shift'] })
  await ann.get('following').waitFor()
  others[0].leave()
  await ann.get('notice').filter({ hasText: 'Bob left. You are no longer following them.' }).waitFor()
  assert.equal(await ann.get('following').count(), 0)
})

test('a name at a caret goes after a moment, and comes back when the pointer is there or the caret moves', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob'])
  const [bob] = others
  const name = ann.page.locator('.cm-peer-name')
  const visible = async () => Number(await name.evaluate((label) => getComputedStyle(label).opacity)) > 0.9
  bob.at('line 5 of it')
  await until('it shows', visible)
  await until('it goes', async () => Number(await name.evaluate((label) => getComputedStyle(label).opacity)) < 0.05)
  const box = await ann.page.locator('.cm-peer-caret').boundingBox()
  assert.ok(box)
  await ann.page.mouse.move(box.x + 3, box.y + box.height / 2)
  await until('the pointer brings it back', visible)
  await until('it goes again', async () => Number(await name.evaluate((label) => getComputedStyle(label).opacity)) < 0.05)
  bob.at('line 6 of it')
  await until('and so does moving', visible)
})

test('names at carets stay on the page, and off the line that is typed on', deadline, async (t) => {
  for (const options of [{}, PHONE]) {
    const { ann, others } = await open(t, ['Bob with a rather long name that is cut'], options)
    const [bob] = others
    const width = Number(ann.page.viewportSize()?.width)
    bob.text.insert(0, `${'wide '.repeat(60)}\n`)
    const name = ann.page.locator('.cm-peer-name')
    await ann.page.locator('.cm-content').focus()
    for (let n = 0; n < 40; n += 3) {
      const at = Y.createRelativePositionFromTypeIndex(bob.text, n * 5)
      bob.provider.awareness.setLocalStateField('cursor', { anchor: at, head: at })
      await until('the caret is drawn anew', async () => {
        const [label, caret] = [await name.boundingBox(), await ann.page.locator('.cm-peer-caret').boundingBox()]
        assert.ok(label && caret)
        assert.ok(label.x >= 0 && label.x + label.width <= width, `the name is at ${label.x} to ${label.x + label.width}`)
        return true
      })
    }
    assert.equal(await ann.page.evaluate(() => document.querySelector('.cm-scroller')?.scrollLeft), 0)

    bob.at('line 3 of it')
    await until('the name is above its caret', async () => {
      const [label, caret] = [await name.boundingBox(), await ann.page.locator('.cm-peer-caret').boundingBox()]
      return !!label && !!caret && label.y < caret.y
    })
    await ann.page.locator('.cm-line').filter({ hasText: 'line 2 of it' }).click()
    await ann.page.keyboard.press('ArrowDown') // to the empty line above theirs
    await until('and goes below when one types there', async () => {
      const [label, caret] = [await name.boundingBox(), await ann.page.locator('.cm-peer-caret').boundingBox()]
      return !!label && !!caret && label.y > caret.y
    })
  }
})

test('what others selected is drawn', deadline, async (t) => {
  const { ann, others } = await open(t, ['Bob'])
  others[0].at('line 3 of it', true)
  const selection = ann.page.locator('.cm-peer-selection')
  await selection.waitFor()
  const [drawn, line] = [await selection.boundingBox(), await ann.page.getByText('line 3 of it').boundingBox()]
  assert.ok(drawn && line && Math.abs(drawn.y + drawn.height / 2 - line.y - line.height / 2) < 6)
})

test('a screen reader hears who comes and goes, and what the connection does', deadline, async (t) => {
  const proxy = await startProxy(t, stage.server)
  const { id } = await stage.server.create({ text: TEXT })
  const bob = await Other.join(t, id, 'Bob')
  const ann = await visit(t, stage.browser, `${proxy.url}/d/${id}`)
  await ann.get('announcer').waitFor({ state: 'attached' })
  await ann.page.evaluate(() => {
    const heard = /** @type {string[]} */ ([])
    Object.assign(window, { __heard: heard })
    const region = document.querySelector('[data-testid="announcer"]')
    if (!region || region.getAttribute('aria-live') !== 'polite') throw new Error('nothing is read out')
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) heard.push(String(node.textContent))
    }).observe(region, { childList: true })
  })
  const heard = () => ann.page.evaluate(() => /** @type {any} */ (window).__heard)
  await ann.becomes('synced', 'saved', 20_000)
  await ann.get('avatar').waitFor()
  // Whoever comes in the first seconds may have been here before.
  for (let n = 1; !(await heard()).includes(`Cem ${n - 1} joined`); n++) {
    assert.ok(n < 10, `of those who came was heard: ${await heard()}`)
    const cem = await Other.join(t, id, `Cem ${n}`)
    await until('it is said', async () => (await heard()).includes(`Cem ${n} joined`), { within_ms: 3000 }).catch(() => {})
    cem.leave()
  }
  await until('and when they go', async () => /Cem \d left/.test((await heard()).join()))
  const many = await Promise.all(['Dora', 'Emil', 'Fay', 'Gus'].map((name) => Other.join(t, id, name)))
  await until('many are said at once', async () => (await heard()).some((/** @type {string} */ said) => /^\w+ and 3 others joined$/.test(said)))
  assert.ok(!(await heard()).some((/** @type {string} */ said) => said.includes('Bob')), 'who was here did not join')

  proxy.reset()
  await until('the loss is heard', async () => (await heard()).includes('Offline. You can go on typing.'))
  proxy.pass()
  await until('and the return', async () => (await heard()).includes('Connected again. Everything is saved.'), { within_ms: 30_000 })
  const said = await heard()
  assert.equal(said.filter((/** @type {string} */ text) => text.startsWith('Offline')).length, 1, 'each once')
  assert.ok(!said.some((/** @type {string} */ text) => text.includes('Bob')), 'and nobody went with the connection')
  many.forEach((other) => other.leave())
  bob.leave()
})

test('the keyboard reaches the text first and leaves it again', deadline, async (t) => {
  const { id } = await stage.server.create({ kind: 'code', text: 'a\nb\n' })
  const ann = await visit(t, stage.browser, `${stage.server.url}/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  await ann.page.locator('header a').first().focus()
  await ann.page.keyboard.press('Shift+Tab')
  assert.equal(await ann.page.evaluate(() => document.activeElement?.textContent), 'Skip to the text')
  await ann.page.keyboard.press('Enter')
  const inText = () => ann.page.evaluate(() => !!document.activeElement?.closest('.cm-content'))
  assert.ok(await inText())
  await ann.page.keyboard.press('Tab')
  assert.ok(await inText(), 'Tab indents code')
  await ann.page.keyboard.press('Escape')
  await ann.page.keyboard.press('Tab')
  assert.ok(!(await inText()), 'but not after Escape')
  const described = await ann.page.locator('.cm-content').getAttribute('aria-describedby')
  assert.match(String(await ann.page.evaluate((id) => document.getElementById(id ?? '')?.textContent, described)), /Escape/)

  for (const role of /** @type {const} */ (['banner', 'main'])) assert.equal(await ann.page.getByRole(role).count(), 1, role)
  assert.equal(await ann.page.getByRole('heading', { level: 1 }).count(), 1)
  const nameless = await ann.page.locator('button:visible, a:visible, input:visible').evaluateAll((all) =>
    all.filter((element) => !(element.getAttribute('aria-label') || element.textContent?.trim() || element.id)).map((element) => element.outerHTML),
  )
  assert.deepEqual(nameless, [], 'everything has a name')
})

test('on a phone everything is within reach, in Chinese too, and the caret stays in sight above the keyboard', deadline, async (t) => {
  const { ann } = await open(t, ['Bob', 'Cem', 'Dora'], { ...PHONE, locale: 'zh-CN' })
  for (const name of ['title', 'avatar', 'everybody', 'me', 'export', 'pill', 'save', 'view-source']) {
    const box = await ann.get(name).first().boundingBox()
    assert.ok(box && box.x >= 0 && box.x + box.width <= 390, `${name} is in sight: ${JSON.stringify(box)}`)
  }
  assert.equal(await ann.get('save').textContent(), '已保存')
  const line = ann.page.locator('.cm-line:visible').nth(20)
  await line.tap()
  const height = await ann.page.locator('.cm-scroller').evaluate(({ clientHeight }) => clientHeight)
  const caretTop = () =>
    ann.page.evaluate(() => {
      const range = getSelection()?.getRangeAt(0)
      const node = range?.startContainer
      const element = /** @type {Element | null | undefined} */ (node instanceof Element ? node : node?.parentElement)
      return element?.closest('.cm-line')?.getBoundingClientRect().bottom ?? Number.NaN
    })
  assert.ok((await caretTop()) > 450, 'the caret is where the keyboard comes')
  await ann.page.setViewportSize({ width: 390, height: 440 })
  await until('the text makes room', async () => (await ann.page.locator('.cm-scroller').evaluate(({ clientHeight }) => clientHeight)) < height)
  await until('the caret is in sight', async () => (await caretTop()) <= 440)
})

test('somebody with several pages open is shown once, with how many', deadline, async (t) => {
  const house = new House()
  await house.server.start()
  t.after(() => house.server.dispose())
  const ann = await house.found('ann')
  const bob = await house.invite(ann, 'bob')
  const { id } = await ann.create({ text: TEXT })
  const { address } = await ann.link(id, { role: 'editor' })
  const pages = await Promise.all([1, 2].map(() => ann.visit(t, stage.browser, `/d/${id}`)))
  const his = await bob.visit(t, stage.browser, address.slice(house.server.url.length))
  for (const page of [...pages, his]) await page.becomes('synced', 'saved', 20_000)

  await until('Bob sees both pages at one face', async () => (await his.get('pages').textContent({ timeout: 100 })) === '2')
  assert.equal(await his.get('avatar').count(), 1)
  assert.match(String(await his.get('avatar').getAttribute('aria-label')), /^Ann, 2 times/)
  const hers = pages[0].get('avatar')
  await until('Ann sees Bob and, last, herself', async () => {
    const last = await hers.last().getAttribute('aria-label', { timeout: 100 })
    return (await hers.count()) === 2 && /^Ann \(you\)/.test(String(last))
  })

  await pages[1].page.close()
  await until('one page is left', async () => (await his.get('pages').count()) === 0 && (await his.get('avatar').count()) === 1)
})

test('two people of one name are two faces, and the pages of each are one', deadline, async (t) => {
  const { ann, others } = await open(t, ['Kim', 'Kim', 'Kim'])
  // What a server says that knows people; this one knows none, and passes on what they say.
  others.forEach(({ provider: { awareness } }, n) => {
    const { user } = /** @type {any} */ (awareness.getLocalState())
    awareness.setLocalStateField('user', { ...user, identity: 'account', id: n < 2 ? 'a' : 'b' })
  })
  const faces = () => ann.get('avatar').evaluateAll((all) => all.map((face) => face.getAttribute('aria-label')?.split(':')[0]).sort())
  await until('there are two', async () => /^Kim, 2 times\b.*; Kim\b.*$|^Kim\b.*; Kim, 2 times\b.*$/.test((await faces()).join('; ')))
  assert.equal((await faces()).length, 2)
})

test('whoever comes where their colour is worn wears another, unless they chose it', deadline, async (t) => {
  const { id } = await stage.server.create({ text: TEXT })
  const come = async (/** @type {string} */ name, storage = {}) => {
    const person = await visit(t, stage.browser, `${stage.server.url}/d/${id}`, {
      storage: { 'cowrite.name': name, 'cowrite.color': '#2b63c6', ...storage },
    })
    await person.becomes('synced', 'saved', 20_000)
    return person
  }
  const colours = (/** @type {import('../lib/browser.mjs').Person} */ person, /** @type {string} */ face) =>
    person.get(face).locator('.avatar').evaluateAll((all) => all.map((one) => one.style.getPropertyValue('--peer')).sort())
  const ann = await come('Ann')
  const bob = await come('Bob')
  await until('Bob wears the next one', async () => (await colours(bob, 'me'))[0] === '#5b50c4')
  await until('and Ann sees him in it', async () => (await colours(ann, 'avatar'))[0] === '#5b50c4')
  const cem = await come('Cem', { 'cowrite.color-chosen': 'yes' })
  await until('all see each other', async () => (await colours(cem, 'avatar')).length === 2)
  assert.deepEqual(await colours(cem, 'avatar'), ['#2b63c6', '#5b50c4'], 'Ann was first and stays as she was')
  assert.deepEqual(await colours(cem, 'me'), ['#2b63c6'], 'and Cem wears what he chose')

  await bob.get('me').click()
  await bob.page.locator('input[value="#2b63c6"]').check({ force: true })
  await until('it is worn', async () => (await colours(bob, 'me'))[0] === '#2b63c6')
  await until('Ann sees it', async () => (await colours(ann, 'avatar')).join() === '#2b63c6,#2b63c6')
})

test('undo is one’s own also inside of what another wrote', deadline, async (t) => {
  const { id } = await stage.server.create({ kind: 'text', text: '' })
  const [ann, bob] = await meet(t, stage.browser, [stage.server.url, stage.server.url], id)
  await ann.typeAtEnd('')
  await ann.insert('one three')
  await agree([ann, bob])
  await bob.page.locator('.cm-content').focus()
  await bob.page.keyboard.press('Control+Home')
  for (let n = 0; n < 4; n++) await bob.page.keyboard.press('ArrowRight')
  await bob.insert('two ')
  assert.equal(await agree([ann, bob]), 'one two three')

  await ann.page.keyboard.press('Control+z')
  await until('Ann’s words are gone', async () => !(await bob.text()).includes('three'))
  assert.equal(await agree([ann, bob]), 'two ', 'and Bob’s are there')
  await ann.page.keyboard.press('Control+Shift+z')
  await until('they are back', async () => (await bob.text()).includes('three'))
  assert.equal(await agree([ann, bob]), 'one two three', 'around Bob’s')

  await bob.page.keyboard.press('Control+z')
  await until('Bob’s are gone', async () => !(await ann.text()).includes('two'))
  assert.equal(await agree([ann, bob]), 'one three')
  await bob.page.keyboard.press('Control+z')
  assert.equal(await agree([ann, bob]), 'one three', 'Bob has nothing more to undo')
})

test('undo goes on after the connection was lost, and what another deleted stays deleted', deadline, async (t) => {
  const proxy = await startProxy(t, stage.server)
  const { id } = await stage.server.create({ kind: 'text', text: 'start ' })
  const [ann, bob] = await meet(t, stage.browser, [proxy.url, stage.server.url], id)
  await ann.typeAtEnd('')
  await ann.insert('mine')
  await agree([ann, bob])
  await bob.page.locator('.cm-content').focus()
  await bob.page.keyboard.press('Control+Home')
  await bob.page.keyboard.press('Control+Shift+ArrowRight')
  await bob.page.keyboard.press('Delete')
  await until('Bob deleted the start', async () => !(await ann.text()).includes('start'))
  proxy.reset()
  await ann.becomes('offline')
  proxy.pass()
  await ann.becomes('synced', 'saved', 30_000)
  await ann.page.keyboard.press('Control+z')
  await until('Ann’s word is gone', async () => !(await bob.text()).includes('mine'))
  assert.ok(!(await agree([ann, bob])).includes('start'))
})
