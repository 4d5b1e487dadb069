// Real Chromium, and people in it: each with a profile of their own, as if on machines of their own.

import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { chromium } from 'playwright-core'
import { Server } from './server.mjs'
import { until } from './until.mjs'

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What a page is opened with on a phone. */
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

/** Without the worker: what it asks for, or has, passes no route of a test. */
export const UNAIDED = { serviceWorkers: /** @type {const} */ ('block') }

/** What the console says of a network that a test broke on purpose. */
const NETWORK_NOISE = /WebSocket connection to|ERR_CONNECTION|ERR_EMPTY_RESPONSE|Failed to load resource|error occurred when fetching the script/

/** Elements the tests know; the page promises these names (data-testid). */
const by = (/** @type {string} */ name) => `[data-testid="${name}"]`

/**
 * A browser for the tests of one file. Close it in `after`.
 */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS })
}

/**
 * Somebody with a fresh profile opens `url`. At the end of the test their page must have logged no errors.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions & { storage?: Record<string, string> }} [options] `storage`:
 *   what their local storage already holds
 */
export async function visit(t, browser, url, { storage = {}, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options })
  await context.addInitScript(record)
  await context.addInitScript((storage) => {
    for (const [key, value] of Object.entries(storage)) localStorage.setItem(key, value)
  }, storage)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const person = new Person(page)
  t.after(async () => {
    await context.close()
    assert.deepEqual(person.errors, [], 'the page logged errors')
  })
  const response = await page.goto(url)
  assert.equal(response?.status(), 200, `${url} says: ${await page.title()}`)
  return person
}

/** Whoever meets has a name of their own: those that pages make up may happen to be the same. */
const NAMES = ['Ann', 'Bob', 'Cem', 'Dora', 'Emil']

/**
 * Several people, each with a fresh profile, open a document and wait until they are synced.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser
 * @param {string[]} origins one person for each, `http://host:port`
 * @param {string} id
 */
export async function meet(t, browser, origins, id) {
  const arrive = (/** @type {string} */ origin, /** @type {number} */ n) =>
    visit(t, browser, `${origin}/d/${id}`, { storage: { 'cowrite.name': NAMES[n] } })
  const people = await Promise.all(origins.map(arrive))
  for (const person of people) await person.becomes('synced', 'saved', 20_000)
  return people
}

export class Person {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page
    /** What went wrong in the page, the network's own complaints apart. @type {string[]} */
    this.errors = []
    page.on('pageerror', (error) => this.errors.push(String(error.stack ?? error)))
    page.on('console', (message) => {
      if (message.type() === 'error' && !NETWORK_NOISE.test(message.text())) this.errors.push(message.text())
    })
  }

  /** @param {string} name */
  get(name) {
    return this.page.locator(by(name))
  }

  /** The whole document as the editor holds it, whatever part of it is drawn. */
  text() {
    return this.page.evaluate(() => {
      const content = /** @type {any} */ (document.querySelector('[data-testid="editor"] .cm-content'))
      return /** @type {string} */ (content.cmTile.root.view.state.doc.toString())
    })
  }

  /**
   * Type at the end of the document.
   *
   * @param {string} text
   * @param {number} [delay_ms] between keystrokes
   */
  async typeAtEnd(text, delay_ms = 0) {
    await this.page.locator('.cm-content').focus()
    await this.page.keyboard.press('Control+End')
    await this.page.keyboard.type(text, { delay: delay_ms })
  }

  /**
   * Put the caret at the end of a line.
   *
   * @param {number} line from 0
   */
  async goToLine(line) {
    await this.page.locator('.cm-content').focus()
    await this.page.keyboard.press('Control+Home')
    for (let n = 0; n < line; n++) await this.page.keyboard.press('ArrowDown')
    await this.page.keyboard.press('End')
  }

  /** @param {string} text @param {number} [delay_ms] */
  type(text, delay_ms = 0) {
    return this.page.keyboard.type(text, { delay: delay_ms })
  }

  /**
   * A text at once, as an input method gives it: one step of undo, while keys on a busy machine may be more.
   *
   * @param {string} text
   */
  insert(text) {
    return this.page.keyboard.insertText(text)
  }

  pill() {
    return this.get('pill').getAttribute('data-status')
  }

  save() {
    return this.get('save').getAttribute('data-status')
  }

  /**
   * @param {string} pill
   * @param {string | null} [save]
   * @param {number} [within_ms]
   */
  async becomes(pill, save = null, within_ms = 20_000) {
    let seen
    await until(
      `the page is ${pill}${save ? ` and ${save}` : ''}`,
      async () => {
        seen = [await this.pill(), await this.save()]
        assert.deepEqual(seen, [pill, save ?? seen[1]])
        return true
      },
      { within_ms, every_ms: 50 },
    )
  }

  /**
   * Every state the page showed since it was loaded, in order.
   *
   * @returns {Promise<{ pill: string | null, save: string | null }[]>}
   */
  states() {
    return this.page.evaluate(() => /** @type {any} */ (window).__states)
  }

  /** How often the browser itself told the page that the network went. */
  offlineEvents() {
    return this.page.evaluate(() => /** @type {any} */ (window).__offlineEvents)
  }
}

/**
 * Wait until everybody shows the same text, and return it.
 *
 * @param {Person[]} people
 * @param {number} [within_ms]
 */
export async function agree(people, within_ms = 20_000) {
  let texts = /** @type {string[]} */ ([])
  await until(
    'all pages show the same text',
    async () => {
      texts = await Promise.all(people.map((person) => person.text()))
      for (const text of texts) assert.equal(text, texts[0])
      return true
    },
    { within_ms, every_ms: 50 },
  )
  return texts[0]
}

/**
 * Assert that `states` went through `expected`, in this order, with anything in between.
 *
 * @param {(string | null)[]} states
 * @param {string[]} expected
 */
export function wentThrough(states, expected) {
  let next = 0
  for (const state of states) if (state === expected[next]) next++
  assert.equal(next, expected.length, `${states.join(' ')} did not go through ${expected.join(' ')}`)
}

/**
 * Nothing sticks out sideways.
 *
 * @param {Person} person
 * @param {number} [width]
 */
export async function fits({ page }, width = PHONE.viewport.width) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  assert.ok(content <= window, `the page is ${content} wide in a window of ${window}`)
  assert.equal(window, width, 'and was not zoomed out to fit')
}

/** Runs in the page before anything else: keeps each state it shows. */
export function record() {
  /** @type {{ pill: string | null, save: string | null }[]} */
  const states = []
  Object.assign(window, { __states: states, __offlineEvents: 0 })
  window.addEventListener('offline', () => /** @type {any} */ (window).__offlineEvents++)
  const status = (/** @type {string} */ name) =>
    document.querySelector(`[data-testid="${name}"]`)?.getAttribute('data-status') ?? null
  new MutationObserver(() => {
    const now = { pill: status('pill'), save: status('save') }
    const last = states[states.length - 1]
    if (last?.pill !== now.pill || last?.save !== now.save) states.push(now)
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-status'] })
}

/**
 * A browser and a server for all the tests of a file. Both are up when the first test begins.
 *
 * @returns {{ browser: import('playwright-core').Browser, server: Server }}
 */
export function setTheStage() {
  const stage = { browser: /** @type {any} */ (undefined), server: new Server(0) }
  before(async () => {
    ;[stage.browser] = await Promise.all([launch(), stage.server.start()])
  })
  after(async () => {
    await stage.browser?.close()
    await stage.server.dispose()
  })
  return stage
}
