// Whoever writes by an input method (Chinese, Japanese, Korean, a phone's suggestions) keeps the word that is being made while
// others write around it, in front of it and in its very line.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree, meet, setTheStage } from '../lib/browser.mjs'
import { InputMethod } from '../lib/ime.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()
const deadline = { timeout: 60_000 }

/** 你好世界, as pinyin becomes it. */
const DRAFTS = ['n', 'ni', 'ni h', 'ni hao', 'ni hao s', 'ni hao shi', 'ni hao shi jie', '你好世界']

for (const [where, line, before, after] of /** @type {[string, number, string, string][]} */ ([
  ['in the lines above', 0, 'top!\nmine: \nend\n', 'top!?\nmine: 你好世界\nend\n'],
  ['in the lines below', 2, 'top\nmine: \nend!\n', 'top\nmine: 你好世界\nend!?\n'],
])) {
  for (const kind of /** @type {const} */ (['markdown', 'code'])) {
    test(`Chinese that is being composed in ${kind} outlives what others write ${where}`, deadline, async (t) => {
      const { id } = await stage.server.create({ kind, text: before })
      const [ann, bob] = await meet(t, stage.browser, [stage.server.url, stage.server.url], id)
      await ann.goToLine(1)
      await bob.goToLine(line)
      const heard = await listen(ann.page)
      const method = await InputMethod.of(ann.page)

      const remote = '?'.repeat(DRAFTS.length)
      for (const draft of DRAFTS) {
        await method.draft(draft)
        await bob.type('?')
        const seen = (await bob.text()).split('?').length - 1
        await until('the other’s words are here', async () => (await ann.text()).split('?').length - 1 === seen)
        assert.match(await ann.text(), new RegExp(`mine: ${draft}`), 'the draft is where it was, once')
      }
      await method.commit('你好世界')

      const text = await agree([ann, bob])
      assert.equal(text, after.replace('?', remote))
      assert.deepEqual(await heard(), { starts: 1, ends: ['你好世界'] }, 'the composition was not broken off')
      await ann.page.keyboard.press('Control+z')
      assert.equal(await agree([ann, bob]), after.replace('你好世界', '').replace('?', remote), 'undo takes the word back, and only that')
    })
  }
}

test('Chinese that is being composed outlives what somebody writes into the same line, before it and after', deadline, async (t) => {
  const { id } = await stage.server.create({ text: 'start end\n' })
  const [ann, bob] = await meet(t, stage.browser, [stage.server.url, stage.server.url], id)
  await ann.goToLine(0)
  await ann.page.keyboard.press('Home')
  for (let n = 0; n < 6; n++) await ann.page.keyboard.press('ArrowRight')
  await bob.goToLine(0)
  const method = await InputMethod.of(ann.page)

  for (const draft of DRAFTS) {
    await method.draft(draft)
    await bob.type('.')
  }
  await bob.page.keyboard.press('Home')
  await bob.type('>')
  await until('both of the other’s ends are here', async () => /^>.*\.{8}\n$/.test(await ann.text()))
  await method.commit('你好世界')

  const text = await agree([ann, bob])
  assert.equal(text, `>start 你好世界end${'.'.repeat(DRAFTS.length)}\n`)
  assert.equal(await stage.server.export(id), text)
})

test('a composition that is called off leaves nothing, whoever writes meanwhile', deadline, async (t) => {
  const { id } = await stage.server.create({ text: 'one\ntwo\n' })
  const [ann, bob] = await meet(t, stage.browser, [stage.server.url, stage.server.url], id)
  await ann.goToLine(1)
  await bob.goToLine(0)
  const method = await InputMethod.of(ann.page)
  await method.draft('ni hao')
  await bob.type('!')
  await until('the other’s word is here', async () => (await ann.text()).includes('one!'))
  await method.draft('')
  assert.equal(await agree([ann, bob]), 'one!\ntwo\n')
  await ann.type('.')
  assert.equal(await agree([ann, bob]), 'one!\ntwo.\n')
})

/**
 * Listen to the compositions of a page.
 *
 * @param {import('playwright-core').Page} page
 */
async function listen(page) {
  await page.evaluate(() => {
    const heard = { starts: 0, ends: /** @type {string[]} */ ([]) }
    Object.assign(window, { __heard: heard })
    addEventListener('compositionstart', () => heard.starts++, true)
    addEventListener('compositionend', (event) => heard.ends.push(event.data), true)
  })
  return () => page.evaluate(() => /** @type {any} */ (window).__heard)
}
