// Every screen of the app, in both themes and both languages: axe-core finds nothing serious.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violations } from '../lib/axe.mjs'
import { visit } from '../lib/browser.mjs'
import { setTheHouse } from '../lib/house.mjs'
import { startServer } from '../lib/server.mjs'

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

for (const language of LANGUAGES) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test(`nothing serious on any screen, ${language}, ${size}`, deadline, async (t) => {
      const { browser, house, ann } = stage
      /** @type {string[]} */
      const found = []
      let screens = 0
      const options = { viewport, locale: language, reducedMotion: /** @type {const} */ ('reduce') }
      /** @param {string} screen @param {import('../lib/browser.mjs').Person} person */
      const look = async (screen, person) => {
        assert.equal(await person.page.locator('html').getAttribute('lang'), language)
        for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
          await person.page.emulateMedia({ colorScheme })
          for (const line of await violations(person.page)) found.push(`${screen}, ${colorScheme}: ${line}`)
          screens++
        }
      }
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

      assert.ok(screens >= 36, `${screens} screens`)
      assert.deepEqual(found, [], `${found.length} violations`)
    })
  }
}

test('nothing serious on the page of a server that nobody has set up', deadline, async (t) => {
  const server = await startServer(t, { args: ['--access', 'accounts'] })
  const found = []
  for (const [path, what] of [['/setup', 'h1'], ['/sign-in', 'h1']]) {
    const person = await visit(t, stage.browser, server.url + path)
    await person.page.locator(what).first().waitFor()
    found.push(...(await violations(person.page)).map((line) => `${path}: ${line}`))
  }
  assert.deepEqual(found, [])
})
