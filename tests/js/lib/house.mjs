// A server with accounts, and the people who have one.

import { after, before } from 'node:test'
import { launch, visit } from './browser.mjs'
import { Server } from './server.mjs'
import { until } from './until.mjs'

export const PASSWORD = 'correct horse battery'

/** Somebody with an account, and the cookie of a browser that they are signed in with. */
export class Account {
  /**
   * @param {House} house
   * @param {string} name
   * @param {string} cookie
   */
  constructor(house, name, cookie) {
    this.house = house
    this.name = name
    this.cookie = cookie
  }

  /**
   * Ask the API as this person. Anything but success is an error.
   *
   * @param {string} method
   * @param {string} path below `/api/v1`
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async ask(method, path, body) {
    const response = await this.house.server.fetch(`/api/v1${path}`, {
      method,
      headers: { cookie: `cowrite=${this.cookie}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.status === 204 ? null : await response.json()
  }

  /** @param {{ kind?: string, title?: string, text?: string }} [document] */
  create(document = {}) {
    return this.ask('POST', '/documents', { kind: 'markdown', ...document })
  }

  /**
   * Share a document by a link, and return the link with its whole address.
   *
   * @param {string} id
   * @param {{ role: string, password?: string, expires?: string }} link
   * @returns {Promise<{ id: string, address: string }>}
   */
  async link(id, link) {
    const { link: made, url } = await this.ask('POST', `/documents/${id}/links`, link)
    return { id: made.id, address: this.house.server.url + url }
  }

  /**
   * Open a page in a browser that is signed in.
   *
   * @param {import('node:test').TestContext} t
   * @param {import('playwright-core').Browser} browser
   * @param {string} path
   * @param {Parameters<typeof visit>[3]} [options]
   */
  visit(t, browser, path, options = {}) {
    const cookie = { name: 'cowrite', value: this.cookie, domain: '127.0.0.1', path: '/', expires: -1 }
    const kept = { ...cookie, httpOnly: true, secure: false, sameSite: /** @type {const} */ ('Lax') }
    const storageState = { cookies: [kept], origins: [] }
    return visit(t, browser, this.house.server.url + path, { ...options, storageState })
  }
}

export class House {
  server = new Server(0, { args: ['--access', 'accounts'] })

  constructor() {
    this.server.terminal = true
  }

  /** Where the first account is made, as the server printed it. */
  async setupAddress() {
    await until('the server says where to begin', () => /\/setup#\S+/.test(this.server.log))
    return this.server.url + /\/setup#\S+/.exec(this.server.log)?.[0]
  }

  /** The first account, an administrator's. */
  async found(name = 'ann') {
    const token = new URL(await this.setupAddress()).hash.slice(1)
    return await this.#join('/setup', { token, name })
  }

  /**
   * @param {Account} by
   * @param {string} name
   */
  async invite(by, name) {
    const { token } = await by.ask('POST', '/invitations', {})
    return await this.#join('/invitations/accept', { token, name })
  }

  /**
   * @param {string} path
   * @param {{ token: string, name: string }} who
   */
  async #join(path, { token, name }) {
    const body = { token, name, display_name: name[0].toUpperCase() + name.slice(1), password: PASSWORD }
    const headers = { 'content-type': 'application/json' }
    const response = await this.server.fetch(`/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (response.status !== 201) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    const cookie = /^cowrite=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1]
    return new Account(this, name, String(cookie))
  }
}

/**
 * A browser, a server with accounts, and Ann, who founded it, for all the tests of a file.
 *
 * @returns {{ browser: import('playwright-core').Browser, house: House, ann: Account }}
 */
export function setTheHouse() {
  const stage = { browser: /** @type {any} */ (undefined), house: new House(), ann: /** @type {any} */ (undefined) }
  before(async () => {
    ;[stage.browser] = await Promise.all([launch(), stage.house.server.start()])
    stage.ann = await stage.house.found()
  })
  after(async () => {
    await stage.browser?.close()
    await stage.house.server.dispose()
  })
  return stage
}
