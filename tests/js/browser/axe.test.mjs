// Every screen of the app, in both themes and both languages: axe-core finds nothing serious.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violations } from '../lib/axe.mjs'
import { UNAIDED, visit } from '../lib/browser.mjs'
import { StockClient } from '../lib/client.mjs'
import { setTheHouse } from '../lib/house.mjs'
import { startServer } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheHouse()
const deadline = { timeout: 180_000 }
const LANGUAGES = ['en', 'zh-CN']
const SIZES = { desktop: { width: 1100, height: 800 }, phone: { width: 390, height: 780 } }

const TEXT = `# A plan

Some *words*, **strong** ones, ~~gone~~ ones, \`code\`, [a link](https://example.org), and a note[^1].

- [ ] to do
- [x] done

| left | right |
| :--- | ----: |
| a    | 1     |

> said

\`\`\`js
const answer = 42 // of course
\`\`\`

[^1]: The note.
`

/**
 * Looks at screens in both themes, and keeps what is found.
 *
 * @param {string} language
 */
function looker(language) {
  /** @type {string[]} */
  const found = []
  const looked = { found, screens: 0, look }
  return looked

  /** @param {string} screen @param {import('../lib/browser.mjs').Person} person */
  async function look(screen, { page }) {
    assert.equal(await page.locator('html').getAttribute('lang'), language)
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme })
      for (const line of await violations(page)) found.push(`${screen}, ${colorScheme}: ${line}`)
      looked.screens++
    }
  }
}

for (const language of LANGUAGES) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test(`nothing serious on any screen, ${language}, ${size}`, deadline, async (t) => {
      const { browser, house, ann } = stage
      const looked = looker(language)
      const { look } = looked
      const options = { viewport, locale: language, reducedMotion: /** @type {const} */ ('reduce') }
      const open = (/** @type {string} */ path) => ann.visit(t, browser, path, options)
      const guest = (/** @type {string} */ path) => visit(t, browser, house.server.url + path, options)

      // The start, empty and not, and its trash.
      const newcomer = await house.invite(ann, `new-${language.toLowerCase()}-${size}`)
      const empty = await newcomer.visit(t, browser, '/', options)
      await empty.page.locator('h1').waitFor()
      await look('an empty start', empty)
      const { id } = await ann.create({ title: 'A plan', text: TEXT })
      const home = await open('/')
      await home.get('document-list').locator('li').first().waitFor()
      await look('the start', home)
      await home.get('trash').click()
      await look('the trash', home)

      // A document.
      const page = await open(`/d/${id}`)
      await page.becomes('synced', 'saved')
      await look('source', page)
      for (const view of size === 'phone' ? ['preview'] : ['split', 'preview']) {
        await page.get(`view-${view}`).click()
        await page.get('preview').locator('table').waitFor()
        await look(view, page)
      }
      await page.get('view-source').click()
      await page.page.locator('.cm-content').press('Control+f')
      await page.page.locator('.cm-search').waitFor()
      await look('searching', page)
      await page.page.keyboard.press('Escape')
      await page.get('export').click()
      await page.get('export-txt').waitFor()
      await look('exporting', page)
      await page.page.keyboard.press('Escape')
      for (const [screen, key, shown] of [['the palette', 'Control+Shift+P', 'palette-query'], ['the shortcuts', 'Control+/', 'shortcuts']]) {
        await page.page.keyboard.press(key)
        await page.get(shown).waitFor()
        await look(screen, page)
        await page.page.keyboard.press('Escape')
        await page.get(shown).waitFor({ state: 'detached' })
      }
      await page.page.keyboard.press('Control+Shift+P')
      await page.get('palette-query').fill(language === 'en' ? 'settings' : '设置')
      await page.page.keyboard.press('Enter')
      await page.get('settings').waitFor()
      await look('the settings', page)
      await page.page.keyboard.press('Escape')
      await page.get('settings').waitFor({ state: 'detached' })
      if (size === 'phone') await page.get('export').click()
      await page.get('share').click()
      await page.get('create-link').click()
      await page.get('show-qr').click()
      await page.get('qr').waitFor()
      await look('sharing', page)

      for (const kind of ['code', 'text']) {
        const other = await open(`/d/${(await ann.create({ kind, text: 'const answer = 42\n', title: 'answer.js' })).id}`)
        await other.becomes('synced', 'saved')
        await look(kind, other)
      }

      // Those who may not, and those who are not known yet.
      const reader = await ann.link(id, { role: 'viewer' })
      const [path] = reader.address.slice(house.server.url.length).split(' ')
      const reading = await guest(path)
      await reading.get('read-only').waitFor()
      await look('reading', reading)
      const locked = await ann.link(id, { role: 'viewer', password: 'four words are enough' })
      const lockedOut = await guest(locked.address.slice(house.server.url.length))
      await lockedOut.get('unlock').waitFor()
      await look('a locked link', lockedOut)
      const refused = await newcomer.visit(t, browser, `/d/${id}`, options)
      await refused.get('refused').waitFor()
      await look('refused', refused)
      const signIn = await guest('/sign-in')
      await signIn.page.locator('input[type=password]').waitFor()
      await look('signing in', signIn)
      const { token } = await ann.ask('POST', '/invitations', {})
      const joining = await guest(`/join#${token}`)
      await joining.page.locator('input').first().waitFor()
      await look('joining', joining)
      const people = await open('/accounts')
      await people.get('accounts').waitFor()
      await look('people', people)

      assert.ok(looked.screens >= 36, `${looked.screens} screens`)
      assert.deepEqual(looked.found, [], `${looked.found.length} violations`)
    })

    test(`nor in what opens over them, or comes before them, ${language}, ${size}`, deadline, async (t) => {
      const { look, found } = looker(language)
      const server = await startServer(t)
      const options = { viewport, locale: language, reducedMotion: /** @type {const} */ ('reduce') }
      const phone = size === 'phone'
      const open = (/** @type {string} */ path, more = {}) => visit(t, stage.browser, server.url + path, { ...options, ...more })
      const { id } = await server.create({ title: 'A plan', text: TEXT })
      await server.fetch(`/api/v1/documents/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tags: ['sea', 'to do'] }),
      })

      const home = await open('/')
      await home.get('templates').click()
      await home.get('templates-dialog').waitFor()
      await look('the templates', home)
      await home.page.keyboard.press('Escape')
      await home.get('templates-dialog').waitFor({ state: 'detached' })
      await home.get('row-menu').first().click()
      await home.get('edit-tags').waitFor()
      await look('what can be done with a document', home)
      await home.get('edit-tags').click()
      await home.get('tags-dialog').waitFor()
      await look('the tags', home)
      await home.page.keyboard.press('Escape')
      await home.get('search').fill('nowhere to be found')
      await home.get('empty').waitFor()
      await look('nothing found', home)

      const others = ['Bob', 'Cem', 'Dora', 'Emil', 'Fay', 'Gus', 'Hal'].map((name) => {
        const other = new StockClient(server, id)
        t.after(() => other.leave())
        other.provider.awareness.setLocalStateField('user', { name, color: '#0f7553', colorLight: '#0f755333' })
        return other.synced()
      })
      await Promise.all(others)
      const page = await open(`/d/${id}`)
      await page.becomes('synced', 'saved')
      await page.get('everybody').click()
      await until('all are listed', async () => (await page.get('people').locator('li').count()) === 7)
      await look('the list of people', page)
      await page.page.keyboard.press('Escape')
      await page.get('people').locator('button').first().waitFor({ state: 'hidden' })
      if (phone) await page.get('export').click()
      await page.get('outline-toggle').click()
      await page.get('outline-list').getByRole('link').first().waitFor()
      await look('the outline', page)

      const contrast = { storage: { 'cowrite.contrast': 'more', 'cowrite.view': phone ? 'preview' : 'split' } }
      const strong = await open(`/d/${id}`, contrast)
      await strong.get('preview').locator('table').waitFor()
      await look('high contrast', strong)
      await strong.page.goto(server.url)
      await strong.get('document-list').locator('li').first().waitFor()
      await look('the start in high contrast', strong)

      // What a worker asks for passes nobody on the way.
      const early = await open('/', UNAIDED)
      await early.page.goto(`${server.url}/nowhere`)
      await early.page.getByRole('main').getByRole('heading').waitFor()
      await look('nothing there', early)
      await early.page.route(/assets\/index-/, () => {})
      await early.page.goto(`${server.url}/d/${id}`, { waitUntil: 'commit' })
      await early.page.locator('.glimpse').waitFor()
      await look('before the app', early)
      assert.deepEqual(found, [], `${found.length} violations`)
    })
  }

  test(`nothing serious on the page of a server that nobody has set up, ${language}`, deadline, async (t) => {
    const server = await startServer(t, { args: ['--access', 'accounts'] })
    const { look, found } = looker(language)
    for (const path of ['/setup', '/sign-in']) {
      const person = await visit(t, stage.browser, server.url + path, { locale: language, reducedMotion: 'reduce' })
      await person.page.locator('h1').first().waitFor()
      await look(path, person)
    }
    assert.deepEqual(found, [])
  })
}
