// Whoever may not come in is told why at once and in their language, and comes in as soon as they may.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fits, PHONE, visit } from '../lib/browser.mjs'
import { setTheHouse } from '../lib/house.mjs'
import { until } from '../lib/until.mjs'

const house = setTheHouse()

const deadline = { timeout: 60_000 }

/** The server keeps whoever is refused again waiting, longer each time; nobody has to watch it. */
const SOON_MS = 2_500

test('a refusal is told at once, however often one was refused, and needs no pill', deadline, async (t) => {
  const dan = await house.house.invite(house.ann, 'dan')
  const { id } = await house.ann.create({ text: 'private' })
  const page = await dan.visit(t, house.browser, `/d/${id}`)
  for (let again = 0; again < 4; again++) {
    await page.get('refused').waitFor({ timeout: SOON_MS })
    assert.equal(await page.get('pill').count(), 0)
    await page.page.reload()
  }
  await page.get('refused').waitFor({ timeout: SOON_MS })
  assert.match(String(await page.get('refused').textContent()), /no access/)

  await page.get('try-again').click()
  await until('it was asked again', () => page.get('try-again').isEnabled())
  await page.get('refused').waitFor()
  await house.ann.ask('PUT', `/documents/${id}/grants/dan`, { role: 'viewer' })
  await page.get('try-again').click()
  await page.becomes('synced', null, 20_000)
  assert.equal(await page.text(), 'private')
})

test('what is in the trash, gone or locked says so in Chinese, on a phone', deadline, async (t) => {
  const options = { ...PHONE, locale: 'zh-CN' }
  const { id } = await house.ann.create({})
  await house.ann.ask('DELETE', `/documents/${id}`)
  const ann = await house.ann.visit(t, house.browser, `/d/${id}`, options)
  await ann.get('refused').getByText('此文档在回收站中').waitFor({ timeout: SOON_MS })
  await fits(ann)
  await ann.get('refused').getByTestId('restore').tap()
  await ann.becomes('synced', 'saved', 20_000)

  await house.ann.ask('DELETE', `/documents/${id}?for_good=true`)
  await ann.page.reload()
  await ann.get('refused').waitFor({ timeout: SOON_MS })
  await fits(ann)

  const { id: locked } = await house.ann.create({ text: 'inside' })
  const { address } = await house.ann.link(locked, { role: 'viewer', password: 'open sesame' })
  const guest = await visit(t, house.browser, address, options)
  await guest.get('refused').getByText('此链接需要密码').waitFor({ timeout: SOON_MS })
  await fits(guest)
  await guest.get('unlock').locator('input').fill('open sesame')
  await guest.page.keyboard.press('Enter')
  await guest.becomes('synced', null, 20_000)
})

test('a document that is gone says that it was deleted', deadline, async (t) => {
  const { id } = await house.ann.create({})
  const ann = await house.ann.visit(t, house.browser, `/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  await house.ann.ask('DELETE', `/documents/${id}?for_good=true`)
  await until('it says so', async () => /deleted|exist/.test(String(await ann.get('refused').textContent())))
})
