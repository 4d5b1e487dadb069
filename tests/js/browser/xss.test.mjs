// Whatever people write, in documents and about themselves, is shown and never run. Each payload would call a function of the page or open a
// dialog if it ran, or ask a hostile origin for something.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { stockClient } from '../lib/client.mjs'
import { DOCUMENTS, SHORT, watch } from '../lib/hostile.mjs'
import { setTheHouse } from '../lib/house.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheHouse()

const deadline = { timeout: 120_000 }

/** How many payloads were shown where. @type {Record<string, number>} */
const shown = {}
after(() => {
  const all = Object.values(shown).reduce((sum, n) => sum + n, 0)
  console.log(`${all} payloads were shown: ${JSON.stringify(shown)}`)
})

/** @param {string} where @param {number} payloads */
const count = (where, payloads) => void (shown[where] = (shown[where] ?? 0) + payloads)

/** What the server takes for a name: one line of printable characters, not too long. @param {string} payload */
const asName = (payload) => payload.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').trim().slice(0, 60)

/** What the server takes for a title. @param {string} payload */
const asTitle = (payload) => payload.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').trim().slice(0, 200)

/** What a page must not hold, whatever was written. Runs in the page. @param {ParentNode} root */
const dangerous = (root) => {
  const bad = [...root.querySelectorAll('script:not([src^="/"]), iframe, object, embed, frame, base[href*="hostile"], meta[http-equiv="refresh"]')]
  for (const element of root.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      // Browsers skip blanks and control characters in a scheme.
      const address = value.replace(/[\s\p{C}]/gu, '').toLowerCase()
      if (/^on/i.test(name) || /^(javascript|vbscript|data:(?!image\/(png|jpe?g|gif|webp|avif))|blob):?/.test(address)) bad.push(element)
    }
  }
  return bad.map((element) => element.outerHTML.slice(0, 300))
}

/** Touch everything, as a pointer and a keyboard would. Runs in the page. @param {ParentNode} root */
const touch = (root) => {
  for (const element of root.querySelectorAll('*')) {
    for (const type of ['mouseover', 'mouseenter', 'focus', 'pointerdown', 'animationstart', 'error', 'load', 'toggle']) {
      element.dispatchEvent(new Event(type))
    }
  }
}

/**
 * Somebody's page, watched: at the end of the test nothing of what it showed may have run.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} address
 * @param {Parameters<import('../lib/house.mjs').Account['visit']>[3]} [options]
 */
async function watched(t, address, options) {
  const person = await stage.ann.visit(t, stage.browser, address, options)
  const seen = await watch(person.page.context())
  // The page's policy forbids to make functions of strings, also to whoever tests it.
  await person.page.context().addInitScript(`Object.assign(window, { dangerous: ${dangerous}, touch: ${touch} })`)
  await person.page.reload()
  return { person, seen, harmless: () => harmless(person.page, seen) }
}

/** @param {import('playwright-core').Page} page @param {Awaited<ReturnType<typeof watch>>} seen */
async function harmless(page, seen) {
  const body = page.locator('body')
  assert.deepEqual(await body.evaluate(dangerous), [])
  await body.evaluate(touch)
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))))
  assert.deepEqual(seen, { executed: [], requests: [] })
}

test('a careless page would run them', deadline, async (t) => {
  const context = await stage.browser.newContext()
  t.after(() => context.close())
  const seen = await watch(context)
  const page = await context.newPage()
  const careless = SHORT.filter((_, n) => n % 2 === 0)
  for (const address of written(t, careless.map((payload) => `<title>x</title><body>${payload}`))) {
    await page.goto(address, { waitUntil: 'domcontentloaded' })
    await page.evaluate(() => new Promise((done) => setTimeout(done, 60))).catch(() => {})
  }
  await until('many of them have run', () => new Set(seen.executed).size > careless.length / 3)
  assert.ok(seen.requests.length > 0, 'and some have asked a hostile origin')
})

test('names of accounts', deadline, async (t) => {
  const { id } = await stage.ann.create({ title: 'Names' })
  for (const [n, payload] of SHORT.entries()) {
    await stage.ann.ask('POST', '/accounts', { name: `x${n}`, display_name: asName(payload) })
    await stage.ann.ask('PUT', `/documents/${id}/grants/x${n}`, { role: 'viewer' })
  }
  const { person, harmless } = await watched(t, '/accounts')
  await until('all are listed', async () => (await person.get('accounts').locator('li').count()) > SHORT.length)
  await harmless()
  count('accounts', SHORT.length)
  await person.page.goto(`${stage.house.server.url}/d/${id}`)
  await person.get('share').click()
  await until('all are listed', async () => (await person.get('grants').locator('li').count()) >= SHORT.length)
  await harmless()
  count('grants', SHORT.length)
})

test('names that guests give themselves, colours and carets', deadline, async (t) => {
  const { id } = await stage.ann.create({ text: 'hello' })
  const { address } = await stage.ann.link(id, { role: 'editor' })
  const token = new URL(address).hash.slice(1)
  const { person, harmless } = await watched(t, `/d/${id}`)
  await person.becomes('synced', 'saved', 20_000)
  const guest = await stockClient(t, stage.house.server, id, { params: { token } })
  const { awareness } = guest.provider
  const { createRelativePositionFromTypeIndex: at } = await import('yjs')
  /** @param {string} title */
  const appears = (title) =>
    until(`${title} is there`, async () => (await person.get('avatar').getAttribute('title'))?.startsWith(title), { every_ms: 5 })
  for (const [n, payload] of SHORT.entries()) {
    const caret = at(guest.text, n % 5)
    awareness.setLocalState({
      user: { name: `${n} ${payload}`, color: payload, colorLight: payload, identity: payload },
      cursor: { anchor: caret, head: caret },
    })
    await appears(`${n} `)
    const color = await person.page.locator('.cm-peer-caret').evaluate((caret) => /** @type {HTMLElement} */ (caret).style.getPropertyValue('--peer'))
    assert.match(color, /^#[0-9a-f]{6}$/)
    awareness.setLocalState({ user: { name: `at ${n}` }, cursor: { anchor: payload, head: { type: payload, tname: payload, item: payload } } })
    await appears(`at ${n}`)
  }
  await harmless()
  for (const place of ['awareness name', 'awareness color', 'awareness colorLight', 'awareness cursor']) count(place, SHORT.length)
})

test('a name that is typed', deadline, async (t) => {
  const { id } = await stage.ann.create({ text: 'hello' })
  const { address } = await stage.ann.link(id, { role: 'editor' })
  const { person, harmless } = await watched(t, `/d/${id}`)
  const context = await stage.browser.newContext()
  t.after(() => context.close())
  const seen = await watch(context)
  const page = await context.newPage()
  await page.goto(address, { waitUntil: 'domcontentloaded' })
  const field = page.getByTestId('my-name')
  await field.waitFor()
  // They end where those of the last test ended, so a third of them is enough.
  const payloads = SHORT.filter((_, n) => n % 3 === 0)
  for (const [n, payload] of payloads.entries()) {
    if ((await field.count()) === 0) await page.getByTestId('me').click()
    await field.fill(`${n} ${payload.replace(/\n/g, ' ')}`)
    await field.press('Enter')
    await until(`${n} is there`, async () => (await person.get('avatar').getAttribute('title'))?.startsWith(`${n} `), { every_ms: 5 })
  }
  await harmless()
  assert.deepEqual(seen, { executed: [], requests: [] })
  count('guest name', payloads.length)
})

test('titles, in lists and on tabs', deadline, async (t) => {
  const titles = SHORT.map(asTitle)
  for (const title of titles) await stage.ann.create({ title, text: title })
  const { person, seen, harmless: all } = await watched(t, '/')
  const list = person.get('document-list').locator('> li')
  await until('some are listed', () => list.count())
  await until('all are listed', async () => {
    if ((await list.count()) >= titles.length) return true
    const more = person.page.getByRole('button', { name: /more/i })
    if (await more.count()) await more.first().click()
    return false
  })
  await all()
  count('title in the list', titles.length)

  const { id } = await stage.ann.create({ title: 'Title' })
  await person.page.goto(`${stage.house.server.url}/d/${id}`)
  await person.becomes('synced', 'saved', 20_000)
  for (const [n, title] of titles.entries()) {
    await person.get('title').fill(`${n} ${title}`)
    await person.get('title').press('Enter')
    await until('the tab says it', async () => (await person.page.title()).startsWith(`${n} `), { every_ms: 5 })
  }
  await harmless(person.page, seen)
  count('title of the tab', titles.length)
  await person.page.goto(`${stage.house.server.url}/`)
  await list.first().waitFor()
  await all()
})

test('documents, in the preview alone and beside the source', deadline, async (t) => {
  const { id } = await stage.ann.create({ text: '' })
  const { person, seen } = await watched(t, `/d/${id}`)
  await person.becomes('synced', 'saved', 20_000)
  for (const view of ['preview', 'split']) {
    await person.get(`view-${view}`).click()
    await person.get('preview').waitFor()
    const bad = await person.page.evaluate(
      async ({ payloads, view }) => {
        const { dangerous, touch } = /** @type {any} */ (window)
        const content = /** @type {any} */ (document.querySelector('[data-testid="editor"] .cm-content'))
        const editor = content.cmTile.root.view
        const preview = /** @type {HTMLElement} */ (document.querySelector('[data-testid="preview"]'))
        const bad = []
        for (const [n, payload] of payloads.entries()) {
          const end = `end of ${view} ${n}`
          editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: `${payload}\n\n${end}` } })
          for (let frame = 0; !preview.textContent?.includes(end); frame++) {
            if (frame > 500) return [`payload ${n} was not shown`]
            await new Promise((done) => setTimeout(done, 5))
          }
          bad.push(...dangerous(preview))
          touch(preview)
        }
        return bad
      },
      { payloads: DOCUMENTS, view },
    )
    assert.deepEqual(bad, [])
    await harmless(person.page, seen)
    count(view, DOCUMENTS.length)
  }
})

test('exports, as they are served, saved, and without the policy that they carry', deadline, async (t) => {
  const context = await stage.browser.newContext()
  t.after(() => context.close())
  const seen = await watch(context)
  const page = await context.newPage()
  await context.addCookies([{ name: 'cowrite', value: stage.ann.cookie, url: stage.house.server.url }])
  const pages = []
  const ids = []
  for (const payload of DOCUMENTS) {
    const { id } = await stage.ann.create({ title: asTitle(payload), text: payload.replaceAll('\0', '\ufffd') })
    const headers = { cookie: `cowrite=${stage.ann.cookie}` }
    const response = await stage.house.server.fetch(`/api/v1/documents/${id}/export?format=html`, { headers })
    assert.equal(response.status, 200)
    assert.match(String(response.headers.get('content-disposition')), /^attachment/)
    assert.match(String(response.headers.get('content-security-policy')), /default-src 'none'/)
    pages.push(await response.text())
    ids.push(id)
  }
  // A browser saves them. One that does not is still told that nothing may run.
  await page.route('**/export?*', async (route) => {
    const response = await route.fetch()
    const { 'content-disposition': _, ...headers } = response.headers()
    await route.fulfill({ response, headers })
  })
  const some = (/** @type {unknown} */ _, /** @type {number} */ n) => n % 8 === 0
  const open = async (/** @type {string} */ where, /** @type {string[]} */ addresses) => {
    for (const address of addresses) {
      await page.goto(address, { waitUntil: 'domcontentloaded' })
      assert.deepEqual(await page.evaluate(`(${touch})(document), (${dangerous})(document)`), [], address)
    }
    assert.deepEqual(seen, { executed: [], requests: [] })
    count(where, addresses.length)
  }
  await open('export as it is served', ids.filter(some).map((id) => `${stage.house.server.url}/api/v1/documents/${id}/export?format=html`))
  const bare = pages.map((page) => page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''))
  assert.ok(bare.every((page, n) => page !== pages[n]))
  await open('export in a file', written(t, pages).filter(some))
  await open('export without its policy', written(t, bare))
})

/**
 * The addresses of pages in files of their own.
 *
 * @param {import('node:test').TestContext} t
 * @param {string[]} pages
 */
function written(t, pages) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cowrite-pages-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return pages.map((page, n) => {
    const file = path.join(folder, `${n}.html`)
    writeFileSync(file, page)
    return pathToFileURL(file).href
  })
}
