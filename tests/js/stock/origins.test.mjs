// A browser opens sockets and sends forms for whoever wrote the page. Only our own pages are listened to, and those that the operator names.

import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { startServer } from '../lib/server.mjs'

const deadline = { timeout: 30_000 }

/**
 * @param {import('../lib/server.mjs').Server} server
 * @param {{ method?: string, path?: string, headers?: http.OutgoingHttpHeaders | string[], body?: string }} [request]
 * @returns {Promise<{ status: number, text: string }>} 101 for an upgrade
 */
function ask(server, { method = 'GET', path = '/', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: '127.0.0.1', port: server.port, method, path, headers, agent: false })
    sent.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, text: '' })
    })
    sent.on('response', async (response) => {
      let text = ''
      for await (const part of response.setEncoding('utf8')) text += part
      resolve({ status: response.statusCode ?? 0, text })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

/** Everything that changes something, as a page of that origin would ask for it. @param {Record<string, string | string[]>} headers */
const attacks = (headers) => [
  { path: '/ws/notes', headers: { ...UPGRADE, ...headers } },
  {
    method: 'POST',
    path: '/api/v1/documents',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"text": "evil"}',
  },
  {
    method: 'POST',
    path: '/api/v1/documents',
    headers: { 'content-type': 'multipart/form-data; boundary=b', ...headers },
    body: '--b\r\ncontent-disposition: form-data; name="file"; filename="a.md"\r\n\r\nevil\r\n--b--\r\n',
  },
  {
    method: 'PATCH',
    path: '/api/v1/documents/notes',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"title": "evil"}',
  },
  { method: 'DELETE', path: '/api/v1/documents/notes', headers },
]

test('pages of 30 hostile origins change nothing', { timeout: 60_000 }, async (t) => {
  const server = await startServer(t, { args: ['--origins', 'https://notes.example'] })
  const { port } = server
  const before = await make(server)
  const hostile = [
    'null',
    '',
    'https://evil.example',
    'http://evil.example',
    'http://notes.example',
    'https://notes.example.evil.example',
    'https://evilnotes.example',
    'https://notes.example:8443',
    'https://notes.example.',
    'https://notes.example/',
    'https://notes.example@evil.example',
    'https://evil.example#https://notes.example',
    'https://evil.example?https://notes.example',
    'https://www.notes.example',
    'HTTPS://NOTES.EXAMPLE',
    'https:// notes.example',
    'https://notes.example,https://evil.example',
    'https://notes.example https://evil.example',
    'wss://notes.example',
    'file://',
    'chrome-extension://abcdefghijklmnop',
    `http://127.0.0.1`,
    `http://127.0.0.1:${port + 1}`,
    `http://localhost:${port}`,
    `http://127.0.0.1:${port}.evil.example`,
    `http://127.0.0.1:${port}@evil.example`,
    `http://127.0.0.2:${port}`,
    `http://[::1]:${port}`,
    `http://0.0.0.0:${port}`,
    `http://2130706433:${port}`,
  ]
  assert.equal(new Set(hostile).size, 30)
  const headers = [
    ...hostile.map((origin) => ({ origin })),
    { origin: [`http://127.0.0.1:${port}`, 'https://evil.example'] },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const sent of headers) {
    for (const attack of attacks(sent)) {
      const { status, text } = await ask(server, attack)
      assert.equal(status, 403, `${attack.method ?? 'socket'} with ${JSON.stringify(sent)}: ${text}`)
      assert.match(text, /Nothing was changed/)
    }
  }
  assert.deepEqual(await listed(server), before)
  assert.equal(await server.export('notes'), 'mine')
})

test('our own pages, named ones and programs are listened to', deadline, async (t) => {
  const server = await startServer(t, { args: ['--origins', 'https://notes.example, http://dev.example:5173'] })
  const welcome = [
    {},
    { origin: `http://127.0.0.1:${server.port}`, 'sec-fetch-site': 'same-origin' },
    { origin: 'https://notes.example' },
    { origin: 'http://dev.example:5173', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'none' },
  ]
  for (const headers of welcome) {
    await make(server)
    const statuses = []
    for (const attack of attacks(headers)) statuses.push((await ask(server, attack)).status)
    assert.deepEqual(statuses, [101, 201, 201, 200, 204], JSON.stringify(headers))
  }
})

test('a name that somebody pointed at this machine is not answered to', deadline, async (t) => {
  const server = await startServer(t, { args: ['--origins', 'https://notes.example'] })
  await make(server)
  for (const host of ['evil.example', `evil.example:${server.port}`, 'localhost.evil.example', '127.0.0.1.evil.example', 'notes.example.evil']) {
    for (const path of ['/', '/api/v1/documents', '/api/v1/documents/notes/export?format=md']) {
      const { status, text } = await ask(server, { path, headers: { host } })
      assert.equal(status, 421, `${host} ${path}: ${text}`)
      assert.ok(!text.includes('mine'))
    }
  }
  for (const host of ['localhost', `127.0.0.1:${server.port}`, 'app.localhost:99', '[::1]', 'notes.example']) {
    const { status } = await ask(server, { path: '/healthz', headers: { host } })
    assert.equal(status, 200, host)
  }
})

/** Make the document again that the attacks are after. @param {import('../lib/server.mjs').Server} server */
async function make(server) {
  const body = JSON.stringify({ id: 'notes', text: 'mine', again: true })
  await ask(server, { method: 'DELETE', path: '/api/v1/documents/notes?for_good=true' })
  const headers = { 'content-type': 'application/json' }
  const { status, text } = await ask(server, { method: 'POST', path: '/api/v1/documents', headers, body })
  assert.equal(status, 201, text)
  // The list says a moment later when the text came.
  let list = await listed(server)
  for (let n = 0; n < 50 && list.documents[0].updated === list.documents[0].created; n++) {
    await new Promise((soon) => setTimeout(soon, 10))
    list = await listed(server)
  }
  return list
}

/** @param {import('../lib/server.mjs').Server} server */
const listed = async (server) => JSON.parse((await ask(server, { path: '/api/v1/documents' })).text)
