// Three people in one document see each other and each other's words at once, and undo only what is their own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree, meet, setTheStage } from '../lib/browser.mjs'
import { until } from '../lib/until.mjs'

const stage = setTheStage()

const deadline = { timeout: 60_000 }
const three = () => [stage.server.url, stage.server.url, stage.server.url]

test('everybody types at once, each on a line of their own', deadline, async (t) => {
  const { id } = await stage.server.create({ text: 'one:\ntwo:\nthree:\n' })
  const people = await meet(t, stage.browser, three(), id)
  const words = ['the quick brown fox', 'jumps over', 'the lazy dog 🐶 in the sun']

  await Promise.all(
    people.map(async (person, n) => {
      await person.goToLine(n)
      await person.type(` ${words[n]}`, 15)
    }),
  )

  const text = await agree(people)
  assert.equal(text, `one: ${words[0]}\ntwo: ${words[1]}\nthree: ${words[2]}\n`)
  for (const person of people) await person.becomes('synced', 'saved')
  assert.equal(await stage.server.export(id), text)
})

test('everybody types at once at the very same place', deadline, async (t) => {
  const { id } = await stage.server.create({ kind: 'text' })
  const people = await meet(t, stage.browser, three(), id)

  await Promise.all(people.map((person, n) => person.typeAtEnd('abc'[n].repeat(40), 10)))

  const text = await agree(people)
  assert.equal([...text].sort().join(''), 'a'.repeat(40) + 'b'.repeat(40) + 'c'.repeat(40))
})

test('people see who else is there, and where', deadline, async (t) => {
  const { id } = await stage.server.create({ text: 'hello\n' })
  const [ann, bob, cem] = await meet(t, stage.browser, three(), id)
  const avatars = () => ann.get('avatar').count()
  await until('the others’ faces show', async () => (await avatars()) >= 2)
  const all = await avatars()

  const carets = ann.page.locator('.cm-peer-caret')
  await until('the carets of both show', async () => (await carets.count()) === 2)
  const top = async () => Math.max(...(await tops(carets)))
  const before = await top()
  await bob.typeAtEnd('\nhere is bob')
  await until('the caret of who types moves along', async () => (await top()) > before)
  const names = await carets.allTextContents()
  assert.equal(new Set(names).size, 2, `two people, two names: ${names}`)

  await cem.page.close()
  await until('who left is gone', async () => (await avatars()) === all - 1 && (await carets.count()) === 1)
})

/** @param {import('playwright-core').Locator} carets */
async function tops(carets) {
  return carets.evaluateAll((all) => all.map((caret) => caret.getBoundingClientRect().top))
}

test('undo takes back one’s own words only', deadline, async (t) => {
  const { id } = await stage.server.create({ kind: 'text', text: 'ann:\nbob:\n' })
  const [ann, bob] = await meet(t, stage.browser, three().slice(1), id)
  await ann.goToLine(0)
  await ann.insert(' mine')
  await agree([ann, bob])
  await bob.goToLine(1)
  await bob.type(' yours')
  await agree([ann, bob])

  await ann.page.keyboard.press('Control+z')
  await until('the words are gone', async () => !(await bob.text()).includes('mine'))
  assert.equal(await agree([ann, bob]), 'ann:\nbob: yours\n')

  await ann.page.keyboard.press('Control+y')
  await until('they are back', async () => (await bob.text()).includes('mine'))
  assert.equal(await agree([ann, bob]), 'ann: mine\nbob: yours\n')
})
