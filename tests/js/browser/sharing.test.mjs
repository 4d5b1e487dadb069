// A link opens a document to whoever has it, as far as it says and as long as it is good. What people may do changes while they are there.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree, visit } from '../lib/browser.mjs'
import { setTheHouse } from '../lib/house.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheHouse()

const deadline = { timeout: 60_000 }

test('a link made in the dialog lets a guest read and not write', deadline, async (t) => {
  const { id } = await stage.ann.create({ title: 'Plan', text: 'as it is' })
  const ann = await stage.ann.visit(t, stage.browser, `/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  await ann.get('share').click()
  await ann.get('create-link').click()
  const address = await ann.get('share-address').inputValue()
  assert.match(address, new RegExp(`/d/${id}#cwl_`))
  await ann.get('show-qr').click()
  await ann.get('qr').waitFor()
  await ann.page.keyboard.press('Escape')

  const guest = await visit(t, stage.browser, address)
  await guest.becomes('synced', 'saved', 20_000)
  assert.ok(!guest.page.url().includes('#'), 'the token is out of sight')
  await guest.get('read-only').waitFor()
  await guest.page.locator('.cm-content').click()
  await guest.page.keyboard.type('graffiti')
  await ann.typeAtEnd(', for now')
  assert.equal(await agree([ann, guest]), 'as it is, for now')

  await guest.page.reload()
  await guest.becomes('synced', 'saved', 20_000)
  assert.equal(await guest.text(), 'as it is, for now')
  await guest.get('export').click()
  const [download] = await Promise.all([guest.page.waitForEvent('download'), guest.get('export-txt').click()])
  assert.equal(download.suggestedFilename(), 'Plan.txt')
})

test('a guest is asked for a name, and others see it with a hint', deadline, async (t) => {
  const { id } = await stage.ann.create({ text: 'hello' })
  const { address } = await stage.ann.link(id, { role: 'editor' })
  const ann = await stage.ann.visit(t, stage.browser, `/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  const guest = await visit(t, stage.browser, address)
  await guest.becomes('synced', 'saved', 20_000)
  await guest.get('my-name').fill('Gus')
  await guest.page.keyboard.press('Enter')
  await until('Ann sees Gus', async () => (await ann.get('avatar').getAttribute('title'))?.startsWith('Gus (guest)'))
  assert.match(String(await guest.get('avatar').getAttribute('title')), /^Ann:/)
  await guest.page.reload()
  await guest.becomes('synced', 'saved', 20_000)
  assert.equal(await guest.get('my-name').count(), 0, 'who has said it is not asked again')
})

test('who is made an editor writes without reloading, and who is made a reader stops', deadline, async (t) => {
  const ben = await stage.house.invite(stage.ann, 'ben')
  const { id } = await stage.ann.create({ text: 'one' })
  await stage.ann.ask('PUT', `/documents/${id}/grants/ben`, { role: 'viewer' })
  const page = await ben.visit(t, stage.browser, `/d/${id}`)
  await page.becomes('synced', 'saved', 20_000)
  await page.get('read-only').waitFor()
  await page.page.evaluate(() => Object.assign(window, { same: true }))

  await stage.ann.ask('PUT', `/documents/${id}/grants/ben`, { role: 'editor' })
  await page.get('read-only').waitFor({ state: 'detached' })
  await page.becomes('synced', 'saved')
  await page.typeAtEnd(', two')
  await page.becomes('synced', 'saved')

  await stage.ann.ask('PUT', `/documents/${id}/grants/ben`, { role: 'commenter' })
  await page.get('read-only').waitFor()
  await page.page.locator('.cm-content').click()
  await page.page.keyboard.type('three')
  assert.equal(await page.text(), 'one, two')
  assert.ok(await page.page.evaluate(() => /** @type {any} */ (window).same), 'the page is the same')
})

test('what was written while the right to write ended is kept and not sent', deadline, async (t) => {
  const cem = await stage.house.invite(stage.ann, 'cem')
  const { id } = await stage.ann.create({ text: 'before' })
  await stage.ann.ask('PUT', `/documents/${id}/grants/cem`, { role: 'editor' })
  const page = await cem.visit(t, stage.browser, `/d/${id}`)
  await page.becomes('synced', 'saved', 20_000)
  await page.page.context().setOffline(true)
  await page.page.evaluate(() => /** @type {any} */ (window).dispatchEvent(new Event('offline')))
  await page.typeAtEnd(' and alone')
  await page.becomes('offline', 'unsaved', 20_000)
  await stage.ann.ask('PUT', `/documents/${id}/grants/cem`, { role: 'viewer' })
  await page.page.context().setOffline(false)
  await page.becomes('synced', 'unsaved', 20_000)
  await page.get('stranded').waitFor()
  assert.equal(await page.text(), 'before and alone')
  await page.get('salvage-download').click()
  await page.get('stranded').waitFor({ state: 'detached' })

  const ann = await stage.ann.visit(t, stage.browser, `/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  assert.equal(await ann.text(), 'before')
})

test('a link that is taken back says so, and nothing more arrives', deadline, async (t) => {
  const { id } = await stage.ann.create({ text: 'secret' })
  const { address } = await stage.ann.link(id, { role: 'viewer' })
  const guest = await visit(t, stage.browser, address)
  await guest.becomes('synced', 'saved', 20_000)
  const ann = await stage.ann.visit(t, stage.browser, `/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  await ann.get('share').click()
  await ann.get('revoke').click()
  await ann.get('confirm-revoke').click()
  await guest.becomes('refused')
  await until('it says why', async () => /taken back/.test(String(await guest.get('refused').textContent())))
  await ann.page.keyboard.press('Escape')
  await ann.typeAtEnd(', more of it')
  await ann.becomes('synced', 'saved')
  assert.equal(await guest.text(), 'secret')
  await guest.page.reload()
  await until('it still does', async () => /taken back/.test(String(await guest.get('refused').textContent())))
})

test('a link with a password opens with it, and stays open', deadline, async (t) => {
  const { id } = await stage.ann.create({ text: 'behind a door' })
  const { address } = await stage.ann.link(id, { role: 'editor', password: 'open sesame' })
  const guest = await visit(t, stage.browser, address)
  const field = guest.get('unlock').locator('input')
  await field.fill('open barley')
  await guest.page.keyboard.press('Enter')
  await guest.get('problem').waitFor()
  await field.fill('open sesame')
  await guest.page.keyboard.press('Enter')
  await guest.becomes('synced', 'saved', 20_000)
  await guest.page.keyboard.press('Escape') // the question for a name
  await guest.typeAtEnd(', and in')
  await guest.becomes('synced', 'saved')
  await guest.page.goto(address)
  await guest.page.reload()
  await guest.becomes('synced', 'saved', 20_000)
  assert.equal(await guest.text(), 'behind a door, and in')
})

test('strangers are told no more than that it is not theirs', deadline, async (t) => {
  const dan = await stage.house.invite(stage.ann, 'dan')
  const { id } = await stage.ann.create({ text: 'private' })
  const page = await dan.visit(t, stage.browser, `/d/${id}`)
  const said = String(await page.get('refused').textContent())
  assert.match(said, /no access/)
  assert.doesNotMatch(said, /private/)
})
