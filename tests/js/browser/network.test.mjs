// A network that breaks costs nobody a keystroke, and the page never claims more than it knows: while the connection is
// gone it says so, and what was typed meanwhile is unsaved until the server has it on disk.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree, meet, setTheStage, wentThrough } from '../lib/browser.mjs'
import { startProxy } from '../lib/proxy.mjs'
import { sleep, until } from '../lib/until.mjs'

const stage = setTheStage()

test('a connection that is reset, with typing on both sides', { timeout: 120_000 }, async (t) => {
  const proxy = await startProxy(t, stage.server)
  const { id } = await stage.server.create({ text: 'ann:\nbob:\ncem:\n' })
  const [ann, bob, cem] = await meet(t, stage.browser, [proxy.url, stage.server.url, stage.server.url], id)

  proxy.reset()
  await Promise.all([
    ann.goToLine(0).then(() => ann.type(' written without a network', 10)),
    bob.goToLine(1).then(() => bob.type(' written meanwhile', 10)),
    cem.goToLine(2).then(() => cem.type(' and this too', 10)),
  ])
  await ann.becomes('offline', 'unsaved', 15_000)
  await bob.becomes('synced', 'saved')
  assert.ok(!(await ann.text()).includes('meanwhile'), 'nothing passed')

  const before = proxy.accepted
  await until('it tried in vain a few times', () => proxy.accepted >= before + 4, { within_ms: 45_000 })
  await ann.becomes('offline', 'unsaved', 15_000)
  proxy.pass()
  await ann.get('retry-now').click()
  await ann.becomes('synced', 'saved', 3_000) // by itself it would come back in up to 16 s

  const text = await agree([ann, bob, cem])
  assert.equal(text, 'ann: written without a network\nbob: written meanwhile\ncem: and this too\n')
  assert.equal(await stage.server.export(id), text)
  await honest(ann)
})

test('40 s of silence that nobody announces, with typing on both sides', { timeout: 150_000 }, async (t) => {
  const proxy = await startProxy(t, stage.server)
  const { id } = await stage.server.create({ text: 'ann:\nbob:\n' })
  const [ann, bob, cem] = await meet(t, stage.browser, [proxy.url, stage.server.url, stage.server.url], id)

  proxy.silence()
  const started = performance.now()
  await Promise.all([
    ann.goToLine(0).then(() => ann.type(' said into the void', 20)),
    bob.goToLine(1).then(() => bob.type(' heard by others', 20)),
  ])
  assert.notEqual(await ann.save(), 'saved', 'nothing was acknowledged')
  await ann.becomes('offline', 'unsaved', 40_000)
  await sleep(Math.max(0, 40_000 - (performance.now() - started)))
  assert.ok(!(await ann.text()).includes('heard'), 'nothing passed')
  assert.notEqual(await ann.save(), 'saved')

  proxy.pass()
  await ann.becomes('synced', 'saved', 45_000)

  const text = await agree([ann, bob, cem])
  assert.equal(text, 'ann: said into the void\nbob: heard by others\n')
  assert.equal(await stage.server.export(id), text)
  assert.equal(await ann.offlineEvents(), 0, 'the browser never knew')
  await honest(ann)
})

/**
 * The page went through an outage and said so: offline and unsaved, then synced and saved, and never that something is
 * saved while it was offline with new words.
 *
 * @param {import('../lib/browser.mjs').Person} person
 */
async function honest(person) {
  const states = await person.states()
  wentThrough(states.map(({ pill }) => pill), ['synced', 'offline', 'synced'])
  wentThrough(states.map(({ save }) => save), ['saved', 'unsaved', 'saved'])
  const typed = states.findIndex(({ save }, n) => save !== 'saved' && states[n - 1]?.save === 'saved')
  const lied = states.slice(typed).find(({ pill, save }) => pill !== 'synced' && save === 'saved')
  assert.equal(lied, undefined, `claimed to be saved: ${JSON.stringify(states)}`)
}
