// A browser's profile on a disk: what is kept in it outlives the browser.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { FLAGS, Person, record } from './browser.mjs'
import { until } from './until.mjs'

export class Profile {
  folder = mkdtempSync(path.join(os.tmpdir(), 'cowrite-profile-'))
  /** Everybody who was here, for what their pages logged. @type {Person[]} */
  people = []
  /** @type {import('playwright-core').BrowserContext | null} */
  context = null

  /**
   * @param {import('node:test').TestContext} t
   * @param {import('playwright-core').BrowserContextOptions} [options]
   */
  constructor(t, options = {}) {
    this.options = options
    t.after(async () => {
      await this.quit()
      rmSync(this.folder, { recursive: true, force: true })
      for (const { errors } of this.people) assert.deepEqual(errors, [], 'a page logged errors')
    })
  }

  /** Start the browser. */
  async start() {
    this.context = await chromium.launchPersistentContext(this.folder, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      args: FLAGS,
      viewport: { width: 1100, height: 800 },
      ...this.options,
    })
    await this.context.addInitScript(record)
    return this.context
  }

  /** Close the browser, as somebody does at the end of the day. */
  async quit() {
    await this.context?.close()
    this.context = null
  }

  /**
   * Open an address in a new tab.
   *
   * @param {string} url
   */
  async open(url) {
    const context = this.context ?? (await this.start())
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const person = new Person(page)
    this.people.push(person)
    await page.goto(url)
    return person
  }
}

/**
 * Wait until the device keeps the app, the parts of it included that load when they are wanted.
 *
 * @param {Person} person
 */
export async function keepsApp(person) {
  await until('the app is kept', () =>
    person.page.evaluate(async () => {
      const { active } = (await navigator.serviceWorker.getRegistration()) ?? {}
      const [name] = await caches.keys()
      if (active?.state !== 'activated' || !name) return false
      const kept = (await (await caches.open(name)).keys()).map(({ url }) => url)
      const worker = await (await fetch(active.scriptURL)).text()
      const all = ['./', ...(worker.match(/assets\/[\w.-]+/g) ?? [])]
      return all.every((file) => kept.includes(new URL(file, document.baseURI).href))
    }),
  )
}

/**
 * Wait until the device keeps what is on the page.
 *
 * @param {Person} person
 */
export async function keepsText(person) {
  await until('the text is kept', async () => (await person.get('save').getAttribute('data-local')) === 'kept')
}

/**
 * The copies on this device, as they are stored.
 *
 * @param {Person} person
 * @returns {Promise<{ user: string, id: string, unsaved: number }[]>}
 */
export function copies(person) {
  return person.page.evaluate(async () => {
    const request = indexedDB.open(`cowrite ${new URL(document.baseURI).pathname}`)
    const database = await new Promise((done) => {
      request.onsuccess = () => done(request.result)
    })
    const all = database.transaction('documents').objectStore('documents').getAll()
    const rows = await new Promise((done) => {
      all.onsuccess = () => done(all.result)
    })
    database.close()
    return rows.map((/** @type {any} */ { user, id, waiting }) => ({
      user,
      id,
      unsaved: Object.values(waiting).reduce((sum, /** @type {any} */ { changes }) => sum + changes, 0),
    }))
  })
}
