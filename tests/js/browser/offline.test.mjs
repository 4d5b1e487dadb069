// Without a network, and without a server, the app opens, documents are there, and what is written is kept until it can be saved.

import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { copies, keepsApp, keepsText, Profile } from '../lib/profile.mjs'
import { startProxy } from '../lib/proxy.mjs'
import { startServer } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'

const deadline = { timeout: 120_000 }

/** @param {import('node:test').TestContext} t */
async function openSaved(t, text = 'written with a server') {
  const server = await startServer(t, { restarts: true })
  const { id } = await server.create({ kind: 'text', text, title: 'Notes' })
  const profile = new Profile(t)
  const ann = await profile.open(`${server.url}/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  await keepsText(ann)
  return { server, id, profile, ann }
}

test('the app and the documents of this device open without a server', deadline, async (t) => {
  const { server, id, ann } = await openSaved(t)
  await keepsApp(ann)
  await server.stop()

  await ann.page.reload()
  await until('the text is there', async () => (await ann.text()) === 'written with a server')
  assert.notEqual(await ann.pill(), 'synced')
  await ann.get('share').first().click()
  await ann.page.locator('dialog[open]').waitFor()

  await ann.page.goto(`${server.url}/`)
  await ann.get('recent-list').getByText('Notes').click()
  await ann.page.waitForURL(`**/d/${id}`)
  await until('the text is there again', async () => (await ann.text()) === 'written with a server')

  await server.start()
  await ann.becomes('synced', 'saved', 40_000)
})

test('what is written without a server outlives reloads and restarts of the browser, and is saved on return', deadline, async (t) => {
  const { server, id, profile, ann } = await openSaved(t, '')
  await keepsApp(ann)
  await server.stop()
  /** @type {string[]} */
  const asked = []
  ann.page.on('dialog', (dialog) => {
    asked.push(dialog.type())
    dialog.accept()
  })

  await ann.typeAtEnd('one, ')
  await ann.becomes('offline', 'unsaved')
  await keepsText(ann)
  assert.match(String(await ann.get('save').textContent()), /Saved on this device/)
  await ann.page.reload()
  await until('the first word is there', async () => (await ann.text()) === 'one, ')
  await ann.typeAtEnd('two, ')
  await keepsText(ann)
  await profile.quit()
  assert.deepEqual(asked, [], 'nobody is asked, for nothing is lost')

  const later = await profile.open(`${server.url}/`)
  const listed = later.get('local-document')
  assert.match(String(await listed.textContent()), /Notes.*unsaved/s)
  await listed.click()
  await until('both words are there', async () => (await later.text()) === 'one, two, ')
  assert.equal(await later.save(), 'unsaved')

  await server.start()
  await later.becomes('synced', 'saved', 40_000)
  assert.equal(await server.export(id), 'one, two, ')
  await until('nothing is marked unsaved', async () => (await copies(later)).every(({ unsaved }) => unsaved === 0))
  await later.page.goto(`${server.url}/`)
  await later.get('recent-list').waitFor()
  assert.equal(await later.get('local-list').count(), 0)
})

test('tabs share one copy without a server', deadline, async (t) => {
  const { server, id, profile, ann } = await openSaved(t, '')
  const bob = await profile.open(`${server.url}/d/${id}`)
  await bob.becomes('synced', 'saved', 20_000)
  await server.stop()
  await ann.typeAtEnd('from one tab, ')
  await until('the other tab has it', async () => (await bob.text()) === 'from one tab, ')
  await bob.typeAtEnd('and from another.')
  await until('and back', async () => (await ann.text()) === 'from one tab, and from another.')
  await keepsText(ann)
  await ann.page.close()
  await server.start()
  await bob.becomes('synced', 'saved', 40_000)
  assert.equal(await server.export(id), 'from one tab, and from another.')
})

test('tabs see each other’s carets without a server, until they are closed', deadline, async (t) => {
  const { server, id, profile, ann } = await openSaved(t, 'some words')
  const bob = await profile.open(`${server.url}/d/${id}`)
  await bob.becomes('synced', 'saved', 20_000)
  for (const person of [ann, bob]) {
    await until('each sees the other by the server', async () => (await person.get('avatar').count()) === 1)
  }
  const carets = () => ann.page.locator('.cm-peer-caret')
  await keepsApp(ann)
  await server.kill()
  await ann.becomes('offline', null)

  await bob.typeAtEnd(' and')
  await until('there is a caret', async () => (await carets().count()) === 1)
  const left = () => carets().evaluate((caret) => caret.getBoundingClientRect().left, undefined, { timeout: 1_000 })
  await until('the text is here', async () => (await ann.text()) === 'some words and')
  // The face of whom the server last told of may be there still, for a moment.
  await until('and one’s own face', async () => {
    const faces = await ann.get('avatar').evaluateAll((all) => all.map((face) => face.getAttribute('aria-label')))
    return faces.length === 1 && /\(you\)/.test(String(faces[0]))
  })
  const before = await left()
  await bob.type(' more words', 60)
  await until('all is here', async () => (await ann.text()) === 'some words and more words')
  await until('the caret went along', async () => (await left()) > before + 20)

  await bob.page.reload()
  await until('a page that opens without a server sees who is there', async () => (await bob.get('avatar').count()) === 1)
  await bob.typeAtEnd('!')
  await until('and is seen, once', async () => (await carets().count()) === 1 && (await ann.get('avatar').count()) === 1)

  await bob.page.close()
  await until('it is gone with its tab', async () => (await carets().count()) === 0 && (await ann.get('avatar').count()) === 0)
  await server.start()
  await ann.becomes('synced', 'saved', 40_000)
  assert.equal(await carets().count(), 0, 'and does not come back')
})

test('a server that does not answer is not waited for', deadline, async (t) => {
  const server = await startServer(t)
  const proxy = await startProxy(t, server)
  const { id } = await server.create({ kind: 'text', text: 'kept' })
  const profile = new Profile(t)
  const ann = await profile.open(`${proxy.url}/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  await keepsText(ann)
  await keepsApp(ann)
  proxy.silence()
  await ann.page.reload({ waitUntil: 'commit' })
  await until('the text is there', async () => (await ann.text()) === 'kept')
  // Nobody makes answers up for the interface of programs.
  const api = await ann.page.evaluate(() =>
    Promise.race([
      fetch('/api/v1/me').then(() => 'answered'),
      new Promise((done) => setTimeout(() => done('nothing'), 500)),
    ]),
  )
  assert.equal(api, 'nothing')
  proxy.pass()
})

test('a copy of a document that was replaced is not mixed with the new one, and goes only when somebody says so', deadline, async (t) => {
  const { server, id, profile, ann } = await openSaved(t, 'the old text')
  await server.kill()
  await ann.typeAtEnd(', and mine')
  await keepsText(ann)
  await ann.page.close()

  await server.start()
  assert.equal((await server.fetch(`/api/v1/documents/${id}?for_good=true`, { method: 'DELETE' })).status, 204)
  await server.create({ kind: 'text', id, again: true, text: 'the new text' })
  const later = await profile.open(`${server.url}/d/${id}`)
  await later.get('refused').waitFor()
  assert.equal(await later.text(), 'the old text, and mine')
  assert.equal(await server.export(id), 'the new text')
  await later.page.reload()
  await later.get('refused').waitFor()
  assert.equal(await later.text(), 'the old text, and mine', 'it stays until somebody decides')

  await later.get('refused').getByRole('button', { name: 'Reload' }).click()
  await later.get('discard-act').click()
  await later.becomes('synced', 'saved', 20_000)
  assert.equal(await later.text(), 'the new text')
  await keepsText(later)
  await later.page.reload()
  await later.becomes('synced', 'saved', 20_000)
  assert.equal(await later.text(), 'the new text')
})

test('a browser that keeps nothing says so once, and typing goes on', deadline, async (t) => {
  const server = await startServer(t, { restarts: true })
  const { id } = await server.create({ kind: 'text' })
  const profile = new Profile(t)
  const context = await profile.start()
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('No room.', 'QuotaExceededError')
    }
  })
  const ann = await profile.open(`${server.url}/d/${id}`)
  await ann.becomes('synced', 'saved', 20_000)
  assert.equal(await ann.get('save').getAttribute('data-local'), 'failed')
  await ann.typeAtEnd('with a server, ')
  await ann.becomes('synced', 'saved')
  await server.kill()
  await ann.typeAtEnd('and without')
  await ann.becomes('offline', 'unsaved')
  await ann.page.getByText('This browser keeps no copy').first().waitFor()
  /** @type {string[]} */
  const asked = []
  ann.page.on('dialog', (dialog) => {
    asked.push(dialog.type())
    dialog.dismiss()
  })
  await ann.page.close({ runBeforeUnload: true })
  await until('it asks before it is lost', () => asked.length > 0)
  await server.start()
  await ann.becomes('synced', 'saved', 40_000)
  assert.equal(await server.export(id), 'with a server, and without')
})

test('a new version waits until somebody agrees', deadline, async (t) => {
  const server = await startServer(t)
  let version = 1
  const front = http.createServer((request, response) => {
    const headers = { ...request.headers, 'accept-encoding': 'identity' }
    delete headers['if-none-match']
    const asking = http.get({ port: server.port, path: request.url, headers }, (answer) => {
      delete answer.headers['content-length']
      response.writeHead(Number(answer.statusCode), { ...answer.headers, 'transfer-encoding': 'chunked' })
      answer.on('end', () => response.end(request.url === '/sw.js' ? `// ${version}` : ''))
      answer.pipe(response, { end: false })
    })
    // A page that is left, or a server that ends with the test, breaks off what was asked.
    asking.on('error', () => response.destroy())
    response.on('error', () => {})
  })
  await new Promise((listening) => front.listen(0, '127.0.0.1', () => listening(undefined)))
  t.after(() => front.close())
  const url = `http://127.0.0.1:${/** @type {any} */ (front.address()).port}/`

  const ann = await new Profile(t).open(url)
  await keepsApp(ann)
  await ann.page.reload()
  await until('the worker answers', () => ann.page.evaluate(() => navigator.serviceWorker.controller !== null))
  assert.equal(await ann.page.getByText('A new version is ready').count(), 0)
  version = 2
  await ann.page.reload()
  await ann.get('notice-action').waitFor()
  const waits = () =>
    ann.page.evaluate(async () => ((await navigator.serviceWorker.getRegistration())?.waiting ? 'waits' : 'is there'))
  assert.equal(await waits(), 'waits')
  await Promise.all([ann.page.waitForEvent('load'), ann.get('notice-action').click()])
  await until('it has taken over', async () => (await waits()) === 'is there')
  assert.equal(await ann.page.getByText('A new version is ready').count(), 0)
})
