// What the pages' policies forbid is never needed, under a path of its own neither; and what other sites' pages try with somebody's cookie is refused.

import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { launch, visit } from '../lib/browser.mjs'
import { House, PASSWORD } from '../lib/house.mjs'
import { startServer } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'

const deadline = { timeout: 90_000 }

let browser = /** @type {import('playwright-core').Browser} */ (/** @type {any} */ (undefined))
before(async () => void (browser = await launch()))
after(() => browser?.close())

/** A house under a path, and Ann. @param {import('node:test').TestContext} t @param {string} base */
async function houseAt(t, base) {
  const house = new House()
  if (base) house.server.args.push('--base-path', base)
  Object.defineProperty(house.server, 'url', { get: () => `http://127.0.0.1:${house.server.port}${base}` })
  t.after(() => house.server.dispose())
  await house.server.start()
  return house
}

/** Hear of whatever a policy forbids. @param {import('playwright-core').BrowserContext} context */
async function violations(context) {
  const seen = /** @type {string[]} */ ([])
  await context.exposeBinding('violated', (_, what) => void seen.push(String(what)))
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      /** @type {any} */ (window).violated(`${event.violatedDirective}: ${event.blockedURI} ${event.sample} at ${location.pathname}`),
    ),
  )
  return seen
}

for (const base of ['', '/notes']) {
  test(`nothing needs what the policy forbids, under ${base || '/'}`, deadline, async (t) => {
    const house = await houseAt(t, base)
    const { url, port } = house.server
    const setup = await house.setupAddress()
    const ann = await visit(t, browser, `${url}/sign-in`)
    const { page } = ann
    const seen = await violations(page.context())

    const fill = async (/** @type {Record<string, string>} */ fields) => {
      for (const [name, value] of Object.entries(fields)) await page.locator(`input[name="${name}"]`).fill(value)
      await page.locator('button[type="submit"]').click()
    }
    await page.goto(setup)
    await fill({ 'display-name': 'Ann', username: 'ann', password: PASSWORD })
    await page.waitForURL(`${url}/`)
    await ann.get('new-document').click()
    await page.waitForURL(`${url}/d/*`)
    await ann.becomes('synced', 'saved', 20_000)
    await ann.typeAtEnd('# Title\n\nWords, **more** words, `code`\n')
    await ann.get('view-preview').click()
    await ann.get('preview').locator('h1').waitFor()
    await ann.get('view-split').click()
    await ann.becomes('synced', 'saved')
    await ann.get('export').click()
    const [download] = await Promise.all([page.waitForEvent('download'), ann.get('export-html').click()])
    assert.match(download.suggestedFilename(), /\.html$/)
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.keyboard.press('Escape')
    await ann.get('share').click()
    await ann.get('create-link').click()
    const address = await ann.get('share-address').inputValue()
    assert.ok(address.startsWith(`http://127.0.0.1:${port}${base}/d/`), address)
    await ann.get('show-qr').click()
    await ann.get('qr').waitFor()
    await page.keyboard.press('Escape')
    await page.reload()
    await ann.becomes('synced', 'saved', 20_000)
    assert.match(await ann.text(), /Words/)
    const document = page.url()

    await page.goto(`${url}/accounts`)
    await ann.get('invite').click()
    const invitation = await ann.get('invitation-address').inputValue()
    assert.ok(invitation.startsWith(`${url}/join#`), invitation)
    await page.keyboard.press('Escape')

    const guest = await visit(t, browser, address)
    const guestSeen = await violations(guest.page.context())
    await guest.page.reload()
    await guest.becomes('synced', 'saved', 20_000)
    await guest.page.goto(invitation)
    await guest.page.locator('input[name="username"]').waitFor()

    await page.context().clearCookies()
    await page.goto(document)
    await ann.get('refused').getByTestId('sign-in-link').click()
    await fill({ username: 'ann', password: PASSWORD })
    await page.waitForURL(document)
    await ann.becomes('synced', 'saved', 20_000)
    await page.goto(`${url}/`)
    await ann.get('document-list').locator('li').first().waitFor()
    assert.deepEqual([...seen, ...guestSeen], [])

    // And it would be heard of.
    await page.evaluate(() => document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://hostile.example' })))
    await until('a violation is heard of', () => seen.length)
    ann.errors.length = 0 // the console says it too
  })
}

/** A site of somebody else's: a page with this body. @param {import('node:test').TestContext} t @param {string} body */
async function strangersSite(t, body = '') {
  const site = http.createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${body}`))
  await new Promise((done) => site.listen(0, '127.0.0.1', () => done(undefined)))
  t.after(() => site.close())
  t.after(() => site.closeAllConnections())
  return /** @type {import('node:net').AddressInfo} */ (site.address()).port
}

test('other origins show no page in a frame, unless they are named', deadline, async (t) => {
  const port = await strangersSite(t)
  const named = `http://127.0.0.1:${port}`
  const [closed, open] = await Promise.all([
    startServer(t),
    startServer(t, { args: ['--frame-ancestors', named] }),
  ])
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  for (const host of ['127.0.0.1', 'localhost']) {
    for (const server of [closed, open]) {
      for (const path of ['/', '/d/x']) {
        await page.goto(`http://${host}:${port}/`)
        await page.evaluate(
          (src) =>
            new Promise((done) => {
              const frame = Object.assign(document.createElement('iframe'), { src, onload: done })
              document.body.append(frame)
            }),
          server.url + path,
        )
        const shown = await page.frames()[1].evaluate(() => document.title.includes('Cowrite') || document.querySelector('script[src]') !== null)
        assert.equal(shown, server === open && host === '127.0.0.1', `${path} in a page of ${host}`)
      }
    }
  }
})

test('a hostile page in a signed-in browser changes and hears nothing', deadline, async (t) => {
  const house = await houseAt(t, '')
  const { server } = house
  const ann = await house.found()
  const { id } = await ann.create({ title: 'Mine', text: 'mine' })
  await ann.link(id, { role: 'viewer' })
  const state = () => Promise.all(['/me', '/documents', '/accounts', '/invitations', `/documents/${id}/access`].map((path) => ann.ask('GET', path)))
  const before = await state()
  const port = await strangersSite(t)
  const context = await browser.newContext()
  t.after(() => context.close())
  await context.addCookies([{ name: 'cowrite', value: ann.cookie, url: server.url, httpOnly: true, sameSite: 'Lax' }])
  const page = await context.newPage()
  /** What the server answered to it, the cookie having come along or not. @type {{ status: number, asked: string }[]} */
  const answers = []
  let cookies = 0
  page.on('response', async (response) => {
    if (!response.url().startsWith(`${server.url}/`)) return
    answers.push({ status: response.status(), asked: `${response.request().method()} ${response.url()}` })
    if ((await response.request().allHeaders()).cookie) cookies++
  })
  // Another port is another origin of the same site, so that the cookie comes along; another name is another site.
  for (const host of ['127.0.0.1', 'localhost']) {
    answers.length = 0
    await page.goto(`http://${host}:${port}/`)
    const paths = ['/api/v1/documents', '/api/v1/invitations', '/api/v1/session', '/api/v1/accounts', `/api/v1/documents/${id}/links`, `/api/v1/documents/${id}/update`]
    const heard = await page.evaluate(
      async ({ url, id, paths }) => {
        const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']
        for (const path of paths) {
          for (const enctype of types) {
            const frame = Object.assign(document.createElement('iframe'), { name: `to${path}${enctype}` })
            const form = Object.assign(document.createElement('form'), { method: 'post', enctype, action: url + path, target: frame.name })
            form.append(Object.assign(document.createElement('input'), { name: '{"title": "evil", "name": "evil", "role": "editor", "x": "', value: '"}' }))
            document.body.append(frame, form)
            await new Promise((done) => {
              frame.onload = done
              form.submit()
            })
            await fetch(url + path, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': enctype }, body: '{"name": "evil"}' }).catch(() => {})
          }
        }
        const heard = []
        const asks = [['GET', '/documents'], ['DELETE', `/documents/${id}`], ['PATCH', `/documents/${id}`], ['PUT', `/documents/${id}/content`], ['DELETE', '/sessions']]
        for (const [method, path] of asks) {
          await fetch(`${url}/api/v1${path}`, { method, credentials: 'include', body: method === 'GET' ? undefined : '{"title": "evil"}' })
            .then((response) => heard.push(`${method} ${path} ${response.status}`))
            .catch(() => {})
        }
        await new Promise((done) => {
          const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/${id}`)
          socket.onopen = () => done(heard.push('a socket'))
          socket.onerror = done
        })
        return heard
      },
      { url: server.url, id, paths },
    )
    assert.deepEqual(heard, [])
    const posts = answers.filter(({ asked }) => asked.startsWith('POST'))
    assert.ok(posts.length >= paths.length * 3, `${posts.length} posts arrived`)
    assert.deepEqual(posts.filter(({ status }) => status !== 403), [])
  }
  assert.ok(cookies > 0, 'the cookie came along where it is the same site')
  assert.deepEqual(await state(), before)
})
