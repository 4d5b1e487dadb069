// A server that is killed in the middle of a sentence, and again while everybody comes back, loses no word.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { agree, launch, meet } from '../lib/browser.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep, until } from '../lib/until.mjs'

/** @type {import('playwright-core').Browser} */
let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

test('killed while everybody types, and again while they come back', { timeout: 150_000 }, async (t) => {
  const server = await startServer(t, { restarts: true })
  const { id } = await server.create({ kind: 'text', text: 'ann:\nbob:\ncem:\n' })
  const people = await meet(t, browser, [server.url, server.url, server.url], id)
  const sentence = ' all of this is written while the server dies and comes back and dies again'

  const typing = Promise.all(
    people.map(async (person, n) => {
      await person.goToLine(n)
      await person.type(sentence, 40)
    }),
  )
  await sleep(1_000)
  await server.kill()
  await people[0].becomes('offline', 'unsaved')
  await sleep(700)
  await server.start()
  await until('somebody is back', async () => (await Promise.all(people.map((p) => p.pill()))).includes('synced'), {
    within_ms: 20_000,
    every_ms: 5,
  })
  await server.kill() // what was typed offline is on its way
  await typing
  await server.start()

  for (const person of people) await person.becomes('synced', 'saved', 40_000)
  const text = await agree(people)
  assert.equal(text, `ann:${sentence}\nbob:${sentence}\ncem:${sentence}\n`)
  assert.equal(await server.export(id), text)

  await server.kill()
  await server.start()
  await people[0].page.reload()
  await people[0].becomes('synced', 'saved', 20_000)
  assert.equal(await people[0].text(), text, 'and a reload shows it')
})

test('leaving the page asks only while something is unsaved, and nowhere kept', { timeout: 60_000 }, async (t) => {
  const server = await startServer(t, { restarts: true })
  const { id } = await server.create()
  const [ann] = await meet(t, browser, [server.url], id)
  /** @type {string[]} */
  const asked = []
  ann.page.on('dialog', async (dialog) => {
    asked.push(dialog.type())
    await dialog.dismiss()
  })

  await ann.typeAtEnd('saved words')
  await ann.becomes('synced', 'saved')
  // A device that keeps a copy has nothing to ask; see offline.test.mjs.
  await ann.page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('No room.', 'QuotaExceededError')
    }
  })
  await ann.page.reload()
  await ann.becomes('synced', 'saved')
  assert.deepEqual(asked, [], 'no question when all is saved')

  await server.kill()
  await ann.typeAtEnd(' and unsaved ones')
  await ann.becomes('offline', 'unsaved')
  await ann.page.close({ runBeforeUnload: true })
  await until('it asks', () => asked.length > 0)
  assert.deepEqual(asked, ['beforeunload'])
  assert.equal(await ann.text(), 'saved words and unsaved ones', 'and who stays has lost nothing')

  await server.start()
  await ann.becomes('synced', 'saved', 30_000)
  assert.equal(await server.export(id), 'saved words and unsaved ones')
})
