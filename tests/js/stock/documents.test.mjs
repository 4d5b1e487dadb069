// What an app builder and an operator do with documents over HTTP and on the command line.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { CowriteClient, freshCopy, stockClient } from '../lib/client.mjs'
import { BINARY, ENVIRONMENT, Server, startServer } from '../lib/server.mjs'
import { until, within } from '../lib/until.mjs'

const execute = promisify(execFile)
const run = (/** @type {string[]} */ ...args) => execute(BINARY, args, { env: ENVIRONMENT })

/** @type {Server} */
let server
before(async () => {
  server = new Server(0)
  await server.start()
})
after(() => server.dispose())

const deadline = { timeout: 30_000 }

for (const kind of ['markdown', 'text', 'code']) {
  test(`creates a ${kind} document with a title and a text`, deadline, async () => {
    const created = await server.create({ kind, title: 'Harbour plan', text: 'one\ntwo\n' })
    assert.match(created.id, /^[A-Za-z0-9._~-]{16,}$/)
    assert.equal(created.kind, kind)
    assert.equal(created.title, 'Harbour plan')

    const got = await (await server.fetch(`/api/v1/documents/${created.id}`)).json()
    assert.equal(got.id, created.id)
    assert.equal(got.kind, kind)
    assert.equal(got.title, 'Harbour plan')
    assert.equal((await freshCopy(server, created.id)).getText('content').toString(), 'one\ntwo\n')
  })
}

test('a document nobody named is there too, empty', deadline, async () => {
  const { id } = await server.create()
  assert.equal(await server.export(id), '')
})

test('a client tells kind and title from Hello', deadline, async (t) => {
  const { id } = await server.create({ kind: 'code', title: 'main.rs' })
  const client = new CowriteClient(server, id)
  t.after(() => client.disconnect())
  await client.connect()
  assert.equal(client.hello.kind, 'code')
  assert.equal(client.hello.title, 'main.rs')
  assert.ok(client.hello.limits.message_bytes >= 8 * 1024 * 1024)
  assert.ok(client.hello.epoch !== undefined && client.hello.session)
})

test('line endings become LF at the door', deadline, async () => {
  const { id } = await server.create({ kind: 'text', text: 'dos\r\nold mac\runix\n' })
  assert.equal((await freshCopy(server, id)).getText('content').toString(), 'dos\nold mac\nunix\n')
})

test('a file becomes a document, as a form sends it', deadline, async () => {
  const form = new FormData()
  form.append('file', new Blob(['\ufeff# Tides\r\n']), 'tide tables.md')
  const response = await server.fetch('/api/v1/documents', { method: 'POST', body: form })
  assert.equal(response.status, 201)
  const { id, kind, title } = await response.json()
  assert.equal(kind, 'markdown')
  assert.equal(title, 'tide tables')
  assert.equal(await server.export(id, 'md'), '# Tides\n')
})

test('a file that is no text is refused with a reason', deadline, async () => {
  const form = new FormData()
  form.append('file', new Blob([Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff])]), 'picture.md')
  await assertProblem(await server.fetch('/api/v1/documents', { method: 'POST', body: form }), 400, 415, 422)
})

test('a document is renamed', deadline, async () => {
  const { id } = await server.create({ title: 'Draft' })
  const response = await server.fetch(`/api/v1/documents/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Final' }),
  })
  assert.equal(response.status, 200)
  assert.equal((await (await server.fetch(`/api/v1/documents/${id}`)).json()).title, 'Final')
})

test('an unknown kind is refused with a reason', deadline, async () => {
  await assertProblem(await post({ kind: 'spreadsheet' }), 400, 422)
})

test('a body that is no JSON is refused with a reason', deadline, async () => {
  const response = await server.fetch('/api/v1/documents', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"kind": ',
  })
  await assertProblem(response, 400)
})

test('the list names every document', deadline, async () => {
  const made = [await server.create({ title: 'First' }), await server.create({ title: 'Second' })]
  const answer = await (await server.fetch('/api/v1/documents')).json()
  const listed = Array.isArray(answer) ? answer : answer.documents
  for (const { id, title } of made) {
    assert.equal(listed.find((/** @type {any} */ d) => d.id === id)?.title, title)
  }
})

const MARKDOWN = `# Tide tables

Some **bold** words, a [link](https://example.org/) and ümlauts.

- [ ] to do
- [x] done

| a | b |
|---|---|
| 1 | 2 |
`

for (const [format, type] of Object.entries({
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  json: 'application/json',
  yjs: 'application/octet-stream',
})) {
  test(`exports as ${format}, to save under its title`, deadline, async () => {
    const { id } = await server.create({ title: 'Tide "tables" – Nord', text: MARKDOWN })
    const response = await server.fetch(`/api/v1/documents/${id}/export?format=${format}`)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type')?.split(';')[0], type)
    if (type.startsWith('text/')) assert.match(String(response.headers.get('content-type')), /charset=utf-8/i)
    const disposition = String(response.headers.get('content-disposition'))
    assert.match(disposition, /^attachment; filename="[^"\\]*(\\.[^"\\]*)*"/, 'a quote in the title ends no header')
    assert.match(disposition, new RegExp(`\\.${format}`))
    const body = Buffer.from(await response.arrayBuffer())

    if (format === 'txt' || format === 'md') assert.equal(body.toString(), MARKDOWN)
    if (format === 'html') {
      for (const part of ['<h1', '<strong>bold</strong>', 'href="https://example.org/"', '<table', 'ümlauts']) {
        assert.ok(body.toString().includes(part), part)
      }
    }
    if (format === 'docx') assert.equal(body.subarray(0, 4).toString('latin1'), 'PK\x03\x04', 'a ZIP file')
    if (format === 'json') assert.ok(JSON.stringify(JSON.parse(body.toString())).includes('Some **bold** words'))
    if (format === 'yjs') {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, body)
      assert.equal(doc.getText('content').toString(), MARKDOWN)
    }
  })
}

test('an unknown format is refused with a reason', deadline, async () => {
  const { id } = await server.create()
  await assertProblem(await server.fetch(`/api/v1/documents/${id}/export?format=exe`), 400)
})

test('exported html runs nobody’s scripts', deadline, async () => {
  const text = [
    '<script>alert(1)</script>',
    '<img src=x onerror="alert(1)">',
    '<a href="javascript:alert(1)">a</a>',
    '[b](javascript:alert(1))',
    '[c](data:text/html;base64,PHNjcmlwdD4=)',
    '<iframe src="https://example.org/"></iframe>',
    '<svg><animate onbegin=alert(1) attributeName=x></svg>',
    '<style>*{display:none}</style>',
    '![d](x" onerror="alert(1))',
  ].join('\n\n')
  const { id } = await server.create({ title: '</title><script>alert(2)</script>', text })
  const response = await server.fetch(`/api/v1/documents/${id}/export?format=html`)
  const html = await response.text()
  for (const tag of html.match(/<[a-z][^>]*>/gi) ?? []) {
    assert.doesNotMatch(tag, /^<(script|iframe|animate|svg|object|embed)/i)
    assert.doesNotMatch(tag, /\son\w+\s*=/i, 'no event handler')
    assert.doesNotMatch(tag, /(href|src)\s*=\s*["']?\s*(javascript|data):/i, 'no link that runs')
  }
  assert.match(String(response.headers.get('x-content-type-options')), /nosniff/)
})

test('a deleted document is gone for everybody', deadline, async (t) => {
  const { id } = await server.create({ text: 'soon gone' })
  const reader = await stockClient(t, server, id)
  const writer = new CowriteClient(server, id)
  t.after(() => writer.disconnect())
  await writer.connect()

  const response = await server.fetch(`/api/v1/documents/${id}`, { method: 'DELETE' })
  assert.equal(response.status, 204)

  await until('the stock client is told', () => reader.closed?.code === 4404)
  await until('the other is told', () => writer.closed?.code === 4404)
  await assert.rejects(writer.connect(), /4404/, 'and again when it comes back')
  await assertProblem(await server.fetch(`/api/v1/documents/${id}`), 404, 410)
  await assertProblem(await server.fetch(`/api/v1/documents/${id}/export?format=txt`), 404, 410)
  await assertProblem(await server.fetch(`/api/v1/documents/${id}`, { method: 'DELETE' }), 404, 410)
})

test('a document that never was is not found', deadline, async () => {
  await assertProblem(await server.fetch('/api/v1/documents/never-was'), 404)
  await assertProblem(await server.fetch('/api/v1/documents/never-was/export?format=txt'), 404)
})

test('connecting to an unknown id creates the document', deadline, async (t) => {
  const client = await stockClient(t, server, 'made-by-coming')
  client.text.insert(0, 'here')
  await until('it is exported', async () => (await server.export('made-by-coming')) === 'here')
})

for (const id of ['a%20b', 'a'.repeat(129), 'caf%C3%A9', 'a%00b']) {
  test(`a malformed id is a plain 400 before the upgrade: ${id.slice(0, 20)}`, deadline, async () => {
    const socket = new WebSocket(`${server.wsUrl}/${id}`)
    socket.on('error', () => {})
    const response = await within(
      'an answer',
      new Promise((resolve, reject) => {
        socket.once('unexpected-response', (_request, response) => resolve(response))
        socket.once('open', () => reject(new Error('the upgrade went through')))
      }),
    )
    assert.equal(response.statusCode, 400)
    assert.match(response.headers['content-type'], /^application\/problem\+json/)
    const problem = JSON.parse(Buffer.concat(await response.toArray()).toString())
    assert.ok(problem.title || problem.detail, 'says why')
  })
}

test('an old copy of another epoch is refused and keeps to itself', deadline, async (t) => {
  const { id } = await server.create({ text: 'the new one' })
  const client = new CowriteClient(server, id)
  t.after(() => client.disconnect())
  await client.connect()
  const { epoch } = client.hello
  client.disconnect()

  await client.connect(`?epoch=${epoch}`)
  client.disconnect()

  const stale = new CowriteClient(server, id)
  t.after(() => stale.disconnect())
  stale.text.insert(0, 'an old copy ')
  const other = typeof epoch === 'number' ? epoch + 1 : [...epoch].reverse().join('') + '0'
  await stale.connect(`?epoch=${other}`).catch(() => {})
  await until('it is told', () => stale.closed?.code === 4409)
  assert.equal(await server.export(id), 'the new one')
})

test('SIGTERM tells everybody, saves everything and ends with 0', deadline, async (t) => {
  const server = await startServer(t, { restarts: true })
  const id = 'last-words'
  const reader = await stockClient(t, server, id, { maxBackoffTime: 200 })
  const writer = new CowriteClient(server, id)
  t.after(() => writer.disconnect())
  await writer.connect()
  writer.text.insert(0, 'last words')
  await until('the words have arrived', () => reader.text.toString() === 'last words')
  /** @type {(number | undefined)[]} */
  const codes = []
  reader.provider.on('connection-close', (event) => codes.push(event?.code))

  const { code } = await server.stop(10_000)
  assert.equal(code, 0)
  await until('the client has heard', () => writer.closed !== null)
  assert.equal(writer.closed?.code, 1012)
  await until('the stock client has heard', () => codes.length > 0)
  assert.equal(codes[0], 1012)

  await server.start()
  assert.equal((await freshCopy(server, id)).getText('content').toString(), 'last words')
  await reader.synced()
})

test('the command line lists and exports without a running server', deadline, async (t) => {
  const server = await startServer(t)
  const { id } = await server.create({ title: 'Night log', text: MARKDOWN })
  const client = await stockClient(t, server, id)
  client.text.insert(0, '<!-- written live -->\n')
  await until('it has arrived', async () => (await server.export(id)).startsWith('<!--'))
  client.leave()
  await server.stop()

  const { stdout } = await run('documents', '--data', server.data)
  assert.match(stdout, new RegExp(id))
  assert.match(stdout, /Night log/)

  const file = path.join(server.data, 'night-log.md')
  await run('export', id, '--data', server.data, '--format', 'md', '-o', file)
  assert.equal(readFileSync(file, 'utf8'), `<!-- written live -->\n${MARKDOWN}`)

  await assert.rejects(run('export', 'never-was', '--data', server.data, '--format', 'md'), (error) => {
    assert.ok(error.code > 0, 'a nonzero exit')
    assert.match(error.stderr, /never-was/, 'and a reason')
    return true
  })
})

/** @param {object} body */
const post = (body) =>
  server.fetch('/api/v1/documents', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/**
 * @param {Response} response
 * @param {number[]} statuses
 */
async function assertProblem(response, ...statuses) {
  assert.ok(statuses.includes(response.status), `${response.status} ${await response.clone().text()}`)
  assert.match(String(response.headers.get('content-type')), /^application\/problem\+json/)
  const problem = await response.json()
  assert.equal(problem.status, response.status)
  assert.ok(problem.title || problem.detail)
}
