// What this device keeps of documents is gone from it when its reader may not have it any more, or is not here any more.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTheHouse } from '../lib/house.mjs'
import { copies, keepsText, Profile } from '../lib/profile.mjs'
import { startProxy } from '../lib/proxy.mjs'
import { until } from '../lib/until.mjs'

const deadline = { timeout: 120_000 }

const stage = setTheHouse()

/**
 * @param {import('node:test').TestContext} t
 * @param {import('../lib/house.mjs').Account} account
 */
async function profileOf(t, account) {
  const profile = new Profile(t)
  const context = await profile.start()
  await context.addCookies([{ name: 'cowrite', value: account.cookie, url: stage.house.server.url }])
  return profile
}

test('a document that one may not read any more leaves the device', deadline, async (t) => {
  const { house, ann } = stage
  const bob = await house.invite(ann, 'bob')
  const { id } = await ann.create({ text: 'secret' })
  await ann.ask('PUT', `/documents/${id}/grants/bob`, { role: 'editor' })
  const profile = await profileOf(t, bob)
  const page = await profile.open(`${house.server.url}/d/${id}`)
  await page.becomes('synced', 'saved', 20_000)
  await keepsText(page)
  assert.equal((await copies(page)).length, 1)

  await page.page.goto('about:blank')
  await ann.ask('DELETE', `/documents/${id}/grants/bob`)
  await page.page.goto(`${house.server.url}/d/${id}`)
  await until('it is gone', async () => (await copies(page)).length === 0, { within_ms: 20_000 })
  await page.get('refused').waitFor()
  await until('and from the page', async () => !(await page.page.content()).includes('secret'))
})

test('signing out clears the device, and asks while something is unsaved', deadline, async (t) => {
  const { house, ann } = stage
  const cem = await house.invite(ann, 'cem')
  const { id } = await cem.create({ text: 'mine', title: 'Plans' })
  const profile = await profileOf(t, cem)
  const proxy = await startProxy(t, house.server)
  await profile.context?.addCookies([{ name: 'cowrite', value: cem.cookie, url: proxy.url }])
  const page = await profile.open(`${proxy.url}/d/${id}`)
  await page.becomes('synced', 'saved', 20_000)
  await keepsText(page)
  proxy.reset()
  await page.typeAtEnd(' and unsaved')
  await page.becomes('offline', 'unsaved')
  await keepsText(page)
  await page.page.goto('about:blank')
  proxy.pass()

  await page.page.goto(`${proxy.url}/`)
  await page.get('local-document').filter({ hasText: 'Plans' }).waitFor()
  await page.get('me').click()
  await page.get('sign-out').click()
  await page.get('leave').waitFor()
  assert.equal((await copies(page)).length, 1)
  await page.get('leave-act').click()
  await page.page.waitForURL(/sign-in/)
  assert.deepEqual(await copies(page), [])
})
