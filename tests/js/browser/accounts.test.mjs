// People get an account, come in and go out, and are led back to where they came from.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launch, visit } from '../lib/browser.mjs'
import { House, PASSWORD, setTheHouse } from '../lib/house.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheHouse()

const deadline = { timeout: 60_000 }

/** @param {import('../lib/browser.mjs').Person} person @param {Record<string, string>} fields */
async function fill(person, fields) {
  for (const [name, value] of Object.entries(fields)) await person.page.locator(`input[name="${name}"]`).fill(value)
  await person.page.locator('button[type="submit"]').click()
}

test('the first account is made with the address that the server printed', deadline, async (t) => {
  const house = new House()
  await house.server.start()
  const browser = await launch()
  t.after(async () => {
    await browser.close()
    await house.server.dispose()
  })
  const ann = await visit(t, browser, await house.setupAddress())
  await until('the code is out of sight', () => !ann.page.url().includes('#'))
  await fill(ann, { 'display-name': 'Ann', username: 'ann', password: PASSWORD })
  await ann.page.waitForURL(`${house.server.url}/`)
  await ann.get('new-document').click()
  await ann.page.waitForURL(/\/d\//)
  await ann.becomes('synced', 'saved', 20_000)
})

test('an invitation makes an account, once', deadline, async (t) => {
  const ann = await stage.ann.visit(t, stage.browser, '/accounts')
  await ann.get('invite').click()
  const address = await ann.get('invitation-address').inputValue()
  assert.match(address, /\/join#cwi_/)
  await ann.page.keyboard.press('Escape')
  await until('it is listed', async () => (await ann.get('invitations').locator('li').count()) === 1)

  const joining = { 'display-name': 'Joy', username: 'joy', password: PASSWORD }
  const joy = await visit(t, stage.browser, address)
  await until('the token is out of sight', () => !joy.page.url().includes('#'))
  await fill(joy, { ...joining, password: 'short' })
  assert.match(String(await joy.get('problem').textContent()), /characters/)
  await fill(joy, { password: PASSWORD })
  await joy.page.waitForURL(`${stage.house.server.url}/`)
  await joy.get('document-list').waitFor({ state: 'attached' })

  await ann.page.reload()
  await ann.get('accounts').locator('[data-name="joy"]').waitFor()
  const late = await visit(t, stage.browser, address)
  await fill(late, { ...joining, username: 'jay' })
  await late.get('problem').waitFor()
})

test('a document sends strangers to sign in, and has them back', deadline, async (t) => {
  const { id } = await stage.ann.create({ title: 'Ours', text: 'for us' })
  const ann = await visit(t, stage.browser, `${stage.house.server.url}/d/${id}`)
  await ann.get('refused').getByTestId('sign-in-link').click()
  await fill(ann, { username: 'ann', password: 'not this one at all' })
  assert.match(String(await ann.get('problem').textContent()), /do not belong together/)
  await fill(ann, { username: 'ann', password: PASSWORD })
  await ann.page.waitForURL(`**/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  assert.equal(await ann.text(), 'for us')

  await ann.get('me').click()
  assert.equal(await ann.get('my-name').inputValue(), 'Ann')
  assert.ok(await ann.get('my-name').isDisabled())
  await ann.get('sign-out').click()
  await ann.page.waitForURL('**/sign-in')
  await ann.page.goto(`${stage.house.server.url}/d/${id}`)
  await ann.get('refused').waitFor()
})

test('signing out elsewhere ends the other browser’s session', deadline, async (t) => {
  const eve = await stage.house.invite(stage.ann, 'eve')
  const { id } = await eve.create()
  const there = await eve.visit(t, stage.browser, `/d/${id}`)
  await there.becomes('synced', 'saved', 20_000)
  const here = await visit(t, stage.browser, `${stage.house.server.url}/sign-in?from=${encodeURIComponent(`/d/${id}`)}`)
  await fill(here, { username: 'eve', password: PASSWORD })
  await here.becomes('synced', 'saved', 20_000)
  await here.get('me').click()
  await here.get('account').click()
  await here.get('sessions').getByRole('button', { name: 'Sign out there' }).first().click()
  assert.match(String(await there.get('refused').textContent()), /sign/i)
})

test('Home shows what is one’s own', deadline, async (t) => {
  const uma = await stage.house.invite(stage.ann, 'uma')
  await stage.ann.create({ title: 'Not for Uma' })
  await uma.create({ title: 'Hers' })
  const { id } = await stage.ann.create({ title: 'Shared' })
  await stage.ann.ask('PUT', `/documents/${id}/grants/uma`, { role: 'viewer' })

  const page = await uma.visit(t, stage.browser, '/')
  const list = page.get('document-list')
  await list.getByText('Hers').waitFor()
  assert.match(String(await list.textContent()), /Shared\s*May read/)
  assert.equal(await list.getByText('Not for Uma').count(), 0)
  assert.equal(await list.getByTestId('delete').count(), 1, 'only her own can be deleted')
})

test('what is deleted can be had back', deadline, async (t) => {
  const una = await stage.house.invite(stage.ann, 'una')
  await una.create({ title: 'Hers' })
  const page = await una.visit(t, stage.browser, '/')
  const list = page.get('document-list')
  await list.getByTestId('delete').click()
  await list.getByText('Hers').waitFor({ state: 'detached' })
  await page.get('notice-action').click()
  await list.getByText('Hers').waitFor()
})

/**
 * What an administrator can do with somebody.
 *
 * @param {import('../lib/browser.mjs').Person} admin on the page of accounts
 * @param {string} name
 * @param {string} action
 */
async function doWith(admin, name, action) {
  const row = admin.get('accounts').locator(`[data-name="${name}"]`)
  await row.getByRole('button', { name: 'What to do with' }).click()
  await row.getByRole('button', { name: action }).click()
}

test('whoever is disabled is out at once, and in again with all their documents', deadline, async (t) => {
  const dan = await stage.house.invite(stage.ann, 'dan')
  const { id } = await dan.create({ text: 'his' })
  const there = await dan.visit(t, stage.browser, `/d/${id}`)
  await there.becomes('synced', 'saved')
  const ann = await stage.ann.visit(t, stage.browser, '/accounts')
  const row = ann.get('accounts').locator('[data-name="dan"]')
  await doWith(ann, 'dan', 'Disable')
  await row.getByText('Disabled', { exact: true }).waitFor()
  await there.get('refused').waitFor()
  const late = await visit(t, stage.browser, `${stage.house.server.url}/sign-in`)
  await fill(late, { username: 'dan', password: PASSWORD })
  assert.match(String(await late.get('problem').textContent()), /do not belong together/, 'strangers learn nothing')

  await doWith(ann, 'dan', 'Let in again')
  await row.getByText('Disabled', { exact: true }).waitFor({ state: 'detached' })
  await fill(late, { username: 'dan', password: PASSWORD })
  await late.page.waitForURL(`${stage.house.server.url}/`)
  await late.page.goto(`${stage.house.server.url}/d/${id}`)
  await late.becomes('synced', 'saved')
  assert.equal(await late.text(), 'his')
})

test('who is made an administrator sees the others, and no longer once they are none', deadline, async (t) => {
  const max = await stage.house.invite(stage.ann, 'max')
  const page = await max.visit(t, stage.browser, '/accounts')
  await page.get('refused').waitFor()
  const ann = await stage.ann.visit(t, stage.browser, '/accounts')
  await doWith(ann, 'max', 'Make an administrator')
  await ann.get('accounts').locator('[data-name="max"]').getByText('Administrator', { exact: true }).waitFor()
  await page.page.reload()
  await page.get('accounts').locator('[data-name="ann"]').waitFor()
  await doWith(ann, 'max', 'No longer an administrator')
  await page.page.reload()
  await page.get('refused').waitFor()
})

test('whoever is removed leaves their documents to somebody', deadline, async (t) => {
  const rob = await stage.house.invite(stage.ann, 'rob')
  await stage.house.invite(stage.ann, 'hal')
  const { id } = await rob.create({ title: 'Left behind', text: 'by Rob' })
  const there = await rob.visit(t, stage.browser, `/d/${id}`)
  await there.becomes('synced', 'saved')
  const ann = await stage.ann.visit(t, stage.browser, '/accounts')
  await doWith(ann, 'rob', 'Remove')
  await ann.get('remove').getByRole('combobox').selectOption('hal')
  await ann.get('remove').getByRole('button', { name: 'Remove' }).click()
  await ann.get('accounts').locator('[data-name="rob"]').waitFor({ state: 'detached' })
  await there.get('refused').waitFor()

  const hal = await visit(t, stage.browser, `${stage.house.server.url}/sign-in`)
  await fill(hal, { username: 'hal', password: PASSWORD })
  await hal.get('document-list').getByText('Left behind').click()
  await hal.becomes('synced', 'saved')
  assert.equal(await hal.text(), 'by Rob')
})

test('an invitation is taken back', deadline, async (t) => {
  const ann = await stage.ann.visit(t, stage.browser, '/accounts')
  const rows = ann.get('invitations').locator('li')
  await ann.get('accounts').locator('li').first().waitFor()
  const before = await rows.count()
  await ann.get('invite').click()
  const address = await ann.get('invitation-address').inputValue()
  await ann.page.keyboard.press('Escape')
  await until('it is listed', async () => (await rows.count()) === before + 1)
  // The newest may stand anywhere: all that wait are taken back.
  for (let left = before; left >= 0; left--) {
    await rows.first().getByRole('button', { name: 'Withdraw' }).click()
    await until('one less is listed', async () => (await rows.count()) === left)
  }
  const late = await visit(t, stage.browser, address)
  await fill(late, { 'display-name': 'Kay', username: 'kay', password: PASSWORD })
  await late.get('problem').waitFor()
})

// The last: whoever else comes from the same address waits too.
test('too many attempts are told how long to wait', deadline, async (t) => {
  await stage.house.invite(stage.ann, 'tom')
  const tom = await visit(t, stage.browser, `${stage.house.server.url}/sign-in`)
  await until('the server has had enough', async () => {
    await fill(tom, { username: 'tom', password: 'a wrong one, again' })
    return /Try again in \d+ second/.test(String(await tom.get('problem').textContent()))
  })
})
