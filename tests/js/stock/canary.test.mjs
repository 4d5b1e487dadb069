// Secrets are seen by whoever they were given to and by nobody else: not in logs, however loud, not in other answers, not on the disk.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import * as encoding from 'lib0/encoding'
import { Canaries } from '../lib/canaries.mjs'
import { House } from '../lib/house.mjs'
import { Server } from '../lib/server.mjs'
import { until, within } from '../lib/until.mjs'
import { Watch } from '../lib/watch.mjs'

const deadline = { timeout: 120_000 }
const FORMATS = ['txt', 'md', 'html', 'docx', 'json', 'yjs']

/** Message 107. @param {string} token */
function tokenMessage(token) {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 107)
  encoding.writeVarString(encoder, token)
  return encoding.toUint8Array(encoder)
}

/** @param {import('node:test').TestContext} t */
function folder(t) {
  const made = mkdtempSync(path.join(os.tmpdir(), 'cowrite-canary-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** @param {import('../lib/watch.mjs').Answer} answer */
const cookieOf = (answer) => String(/cowrite=([^;]*)/.exec(answer.headers.get('set-cookie') ?? '')?.[1])

/** Every way in which a socket can bring a token. @param {Watch} watch @param {string} id @param {string} token */
async function everyWay(watch, id, token) {
  const at = `/ws/${id}`
  return [
    await watch.socket(at, { subprotocols: ['cowrite.v1', `cowrite.token.${token}`] }),
    await watch.socket(at, { subprotocols: ['cowrite.v1', 'cowrite.token'], says: [tokenMessage(token)] }),
    await watch.socket(`${at}?token=${encodeURIComponent(token)}`),
    await watch.socket(at, { headers: { authorization: `Bearer ${token}` } }),
  ]
}

test('nothing of accounts, logins, invitations, links and passwords is seen elsewhere', deadline, async (t) => {
  const house = new House()
  const { server } = house
  server.args.push('--log', 'trace')
  const backup = path.join(folder(t), 'backup')
  t.after(() => server.dispose())
  await server.start()
  const watch = new Watch(server)
  const { canaries } = watch
  const secret = (/** @type {string} */ name) => canaries.keep(name, `${name} "swörd\\fish" /+%&= ${Math.random()}`)
  const [first, wrong, second, guests] = ['first password', 'wrong password', 'second password', 'guest password'].map(secret)
  const [changed, programs, linkPassword, wrongLinkPassword] = ['changed', 'program', 'link', 'wrong link'].map(secret)

  // The first account.
  const setup = new URL(await house.setupAddress()).hash.slice(1)
  canaries.keep('setup code', setup)
  const join = (/** @type {string} */ token, /** @type {string} */ name, /** @type {string} */ password) => ({
    body: { token, name, display_name: name, password },
    handsOut: (/** @type {import('../lib/watch.mjs').Answer} */ answer) => [canaries.keep(`cookie of ${name}`, cookieOf(answer))],
  })
  const never = (/** @type {string} */ token) => ({ ...join(token, 'eve', first), handsOut: () => [] })
  const wrongSetup = canaries.keep('wrong setup code', setup.slice(0, 15) + 'wrong'.repeat(9).slice(0, 43))
  await watch.ask('POST', '/api/v1/setup', never(wrongSetup))
  await watch.ask('POST', '/api/v1/setup', { body: { token: setup, name: 'ann', display_name: 'Ann', password: first, more: wrong } })
  const founded = await watch.ask('POST', '/api/v1/setup', join(setup, 'ann', first))
  assert.equal(founded.status, 201)
  const ann = { cookie: `cowrite=${cookieOf(founded)}` }
  await watch.ask('POST', '/api/v1/setup', never(setup))

  // Signing in, rightly and wrongly.
  const signIn = (/** @type {string} */ name, /** @type {string} */ password) => watch.ask('POST', '/api/v1/session', {
    body: { name, password },
    handsOut: (answer) => answer.status === 200 ? [canaries.keep(`another cookie of ${name}`, cookieOf(answer))] : [],
  })
  await signIn('ann', wrong)
  await signIn('nobody', wrong)
  const numeric = Number(canaries.keep('a password as a number', '918273645546372'))
  for (const body of [
    { name: 'ann', password: { text: wrong } },
    { name: 'ann', password: numeric },
    { name: 'ann', password: first, again: wrong },
    `{"name": "ann", "password": ${JSON.stringify(wrong)}`,
    `{"name": "ann", "password": "${wrong}"}`,
  ]) await watch.ask('POST', '/api/v1/session', { body })
  const program = canaries.keep('login of a program', cookieOf(await signIn('ann', first)))
  const bearer = { authorization: `Bearer ${program}` }
  const stale = { authorization: `Bearer ${canaries.keep('login that is none', `${program.slice(0, 15)}${'stale'.repeat(9).slice(0, 43)}`)}` }

  // Others.
  const invite = async () => {
    const answer = await watch.ask('POST', '/api/v1/invitations', {
      headers: ann,
      body: {},
      handsOut: ({ text }) => [canaries.keep('invitation', JSON.parse(text).token)],
    })
    return JSON.parse(answer.text).token
  }
  const [used, unused] = [await invite(), await invite()]
  assert.equal((await watch.ask('POST', '/api/v1/invitations/accept', join(used, 'bob', second))).status, 201)
  await watch.ask('POST', '/api/v1/invitations/accept', never(used))
  await watch.ask('POST', '/api/v1/invitations/accept', { body: { token: unused, name: 'B B', display_name: 'B', password: second } })
  await watch.ask('POST', '/api/v1/accounts', { headers: ann, body: { name: 'guest', display_name: 'Guest', password: guests } })
  await watch.ask('POST', '/api/v1/accounts', { headers: ann, body: { name: 'ann', display_name: 'Again', password: guests } })
  await watch.ask('PATCH', '/api/v1/me', { headers: ann, body: { password: { old: wrong, new: changed } } })

  // A document, shared by links with a password and without.
  await watch.ask('POST', '/api/v1/documents', { headers: ann, body: { id: 'plan', title: 'Plan', text: '# A plan' } })
  const share = async (/** @type {object} */ link) => {
    const answer = await watch.ask('POST', '/api/v1/documents/plan/links', {
      headers: ann,
      body: link,
      handsOut: ({ text }) => [canaries.keep(`link ${JSON.stringify(Object.keys(link))}`, JSON.parse(text).token)],
    })
    return { id: JSON.parse(answer.text).link.id, token: JSON.parse(answer.text).token }
  }
  const [editing, locked, revoked] = [await share({ role: 'editor' }), await share({ role: 'viewer', password: linkPassword }), await share({ role: 'viewer' })]
  await watch.ask('DELETE', `/api/v1/documents/plan/links/${revoked.id}`, { headers: ann })
  const unlock = (/** @type {string} */ password) => watch.ask('POST', '/api/v1/documents/plan/unlock', {
    body: { link: locked.token, password },
    // It begins with the link, which whoever asks has brought.
    handsOut: ({ status, text }) => status === 200 ? [locked.token, canaries.keep('unlocked link', JSON.parse(text).link.split('.')[1])] : [],
  })
  await unlock(wrongLinkPassword)
  const unlocked = JSON.parse((await unlock(linkPassword)).text).link
  const wronglyUnlocked = `${locked.token}.${canaries.keep('wrongly unlocked', 'ab12cd34'.repeat(8))}`

  // Every route with every credential.
  const links = [editing.token, locked.token, unlocked, wronglyUnlocked, revoked.token]
  const bringing = [ann, bearer, stale, ...links.map((link) => ({ 'cowrite-link': link })), { authorization: `Bearer ${editing.token}` }]
  const routes = ['/api/v1/me', '/api/v1/sessions', '/api/v1/accounts', '/api/v1/invitations', '/api/v1/documents', '/api/v1/documents/plan']
  const below = ['access', 'connections', 'content', 'update', ...FORMATS.map((format) => `export?format=${format}`)]
  routes.push(...below.map((part) => `/api/v1/documents/plan/${part}`), '/api/v1/documents/none', '/api/v1/openapi.json', '/metrics', '/d/plan')
  for (const headers of bringing) for (const route of routes) await watch.ask('GET', route, { headers })

  // Sockets.
  for (const [token, ends] of /** @type {[string, RegExp][]} */ ([
    [program, /let in/], [editing.token, /let in/], [unlocked, /let in/],
    [locked.token, /4401/], [wronglyUnlocked, /4401/], [revoked.token, /4403/], [unused, /4401/],
  ])) {
    for (const end of await everyWay(watch, 'plan', token)) assert.match(String(end), ends)
  }
  await watch.socket('/ws/plan', { headers: ann })
  await watch.socket('/ws/none', { headers: bearer })
  await watch.socket(`/ws/pl%20an?token=${program}`)

  // At the terminal, while the server runs and once it is gone.
  const tokenFile = path.join(folder(t), 'token')
  writeFileSync(tokenFile, program)
  const there = ['--server', server.url]
  const known = [...there, '--token-file', tokenFile]
  const here = ['--data', server.data]
  const made = await watch.command(['token', 'create', 'bob', '--password-stdin', ...there], {
    input: `${second}\n`,
    handsOut: (out) => [canaries.keep('a token made at the terminal', out.trim())],
  })
  assert.match(made.out, /^cws_/)
  await watch.command(['token', 'create', 'bob', '--password-stdin', ...there], { input: `${wrong}\n` })
  await watch.command(['user', 'add', 'cat', '--password-stdin', ...known], { input: `${programs}\n` })
  await watch.command(['user', 'list', ...known])
  await watch.command(['token', 'list', ...known])
  await watch.command(['documents', ...known])
  await watch.command(['backup', backup, ...here])
  const toldAtTheTerminal = server.log.split(setup).length - 1
  watch.look([setup])
  assert.equal(toldAtTheTerminal, 1, 'the code is printed once')
  process.kill(watch.pid)
  await within('the server to stop', server.exited)
  for (const data of [server.data, backup]) {
    for (const command of [['verify'], ['documents'], ['user', 'list'], ['token', 'list', 'ann'], ['export', 'plan']]) {
      const { code, errors } = await watch.command([...command, '--data', data])
      assert.equal(code, 0, `${command.join(' ')}: ${errors}`)
    }
    canaries.searchFolder(`the folder ${path.basename(data)}`, data)
  }

  // The search finds what is there, and trace was loud.
  assert.ok(canaries.count > 20)
  assert.match(server.log, /TRACE/)
  const control = new Canaries()
  control.keep('the text', '# A plan')
  control.keep('an account', '"display_name":"bob"')
  control.searchFolder('the folder', server.data)
  assert.ok(control.leaks.some((leak) => leak.startsWith('the text')))
  watch.nothingLeaked()
})

test('nothing of tokens that another application signs is seen, nor of the secret they are signed with', deadline, async (t) => {
  const keys = folder(t)
  const canaries = new Canaries()
  const shared = canaries.keep('the shared secret', `the-shared-secret-${Math.random()}-which-is-long-enough`)
  const secretFile = path.join(keys, 'jwt-secret')
  writeFileSync(secretFile, `${shared}\n`)
  const server = new Server(0, { args: ['--access', 'jwt', '--jwt-secret-file', secretFile, '--log', 'trace'] })
  t.after(() => server.dispose())
  await server.start()
  const watch = new Watch(server)
  watch.canaries = canaries
  const now = Math.floor(Date.now() / 1000)
  const part = (/** @type {object} */ json) => Buffer.from(JSON.stringify(json)).toString('base64url')
  const sign = (/** @type {string} */ name, /** @type {object} */ claims, header = {}, key = shared) => {
    const body = `${part({ alg: 'HS256', typ: 'JWT', ...header })}.${part({ sub: 'ann', document: 'plan', role: 'owner', exp: now + 600, ...claims })}`
    const signature = createHmac('sha256', key).update(body).digest('base64url')
    canaries.keep(`signature of the ${name} token`, signature)
    return `${body}.${signature}`
  }
  const good = sign('good', {})
  const tokens = [
    good,
    sign('expired', { exp: now - 600 }),
    sign('early', { nbf: now + 600 }),
    sign('elsewhere', { document: 'other' }),
    sign('nobody’s', { sub: '' }),
    sign('forged', {}, {}, 'another secret'),
    sign('unsigned', {}, { alg: 'none' }),
    sign('strange', {}, { alg: 'HS1' }),
  ]
  const made = await watch.ask('POST', '/api/v1/documents', { headers: { authorization: `Bearer ${good}` }, body: { id: 'plan' } })
  assert.equal(made.status, 201)
  for (const token of tokens) {
    for (const route of ['/api/v1/me', '/api/v1/documents', '/api/v1/documents/plan', '/api/v1/documents/plan/export?format=json']) {
      await watch.ask('GET', route, { headers: { authorization: `Bearer ${token}` } })
    }
    const ends = await everyWay(watch, 'plan', token)
    assert.ok(ends.every((end) => (end === 'let in') === (token === good)), `${ends.join()} for ${token}`)
  }
  const signing = ['token', 'sign', '--subject', 'bob', '--document', 'plan', '--role', 'viewer', '--secret-file', secretFile]
  await watch.command(signing, { handsOut: (out) => [canaries.keep('a token signed at the terminal', out.trim().split('.')[2])] })
  watch.look()
  await server.stop()
  canaries.searchFolder('the data folder', server.data)
  assert.match(server.log, /TRACE/)
  watch.nothingLeaked()
})

test('nothing is seen of what comes over TLS, nor of its key', deadline, async (t) => {
  const made = folder(t)
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(made, name))
  const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  execFileSync('openssl', [...asked, '-addext', 'subjectAltName=IP:127.0.0.1', '-out', cert, '-keyout', key], { stdio: 'ignore' })
  const server = new Server(0, { args: ['--access', 'accounts', '--tls-cert', cert, '--tls-key', key, '--log', 'trace'] })
  t.after(() => server.dispose())
  const watch = new Watch(server)
  const password = watch.canaries.keep('the password', `swordfish "${Math.random()}" and more`)
  watch.canaries.keep('the key', readFileSync(key, 'utf8').split('\n')[1])
  await watch.command(['user', 'add', 'ann', '--administrator', '--password-stdin', '--data', server.data], { input: `${password}\n` })
  server.spawn()
  const address = await until('the server listens', () => /https:\/\/127\.0\.0\.1:\d+/.exec(server.log)?.[0])
  const ask = (/** @type {string} */ path, /** @type {https.RequestOptions} */ options = {}, body = '') => within('an answer', new Promise((resolve, reject) => {
    const request = https.request(address + path, { ...options, ca: readFileSync(cert), agent: false }, async (answer) => {
      let text = ''
      for await (const chunk of answer.setEncoding('utf8')) text += chunk
      resolve({ cookie: /=([^;]*)/.exec(String(answer.headers['set-cookie']))?.[1], status: answer.statusCode, text })
    })
    request.on('error', reject)
    request.end(body)
  }))
  const { cookie, status } = await ask('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' } }, JSON.stringify({ name: 'ann', password }))
  assert.equal(status, 200)
  watch.canaries.keep('the cookie', cookie)
  for (const headers of [{ cookie: `__Host-cowrite=${cookie}` }, { authorization: `Bearer ${cookie}` }, { 'cowrite-link': cookie }]) {
    for (const path of ['/api/v1/me', '/api/v1/documents', `/ws/plan?token=${cookie}`]) {
      const answer = await ask(path, { headers })
      watch.canaries.search(`the answer to ${path.split('?')[0]}`, answer.text)
    }
  }
  watch.look()
  assert.match(server.log, /TRACE.*rustls/)
  watch.nothingLeaked()
})

test('a file with a secret that cannot be used is not quoted', deadline, async (t) => {
  const made = folder(t)
  const watch = new Watch(new Server(0))
  t.after(() => watch.server.dispose())
  const file = (/** @type {string} */ name, /** @type {string} */ text) => {
    writeFileSync(path.join(made, name), text)
    return path.join(made, name)
  }
  const short = watch.canaries.keep('a secret that is too short', 'short-swordfish')
  const key = watch.canaries.keep('a key', Buffer.from(`swordfish ${Math.random()}`.repeat(9)).toString('base64'))
  const pem = `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`
  const serve = ['serve', '--listen', '127.0.0.1:0', '--data', path.join(made, 'data'), '--log', 'trace']
  for (const args of [
    ['--access', 'jwt', '--jwt-secret-file', file('short', short)],
    ['--access', 'jwt', '--jwt-keys', file('keys.json', `{"keys": [{"kty": "oct", "k": "${key}"`)],
    ['--tls-cert', file('cert.pem', pem), '--tls-key', file('key.pem', pem)],
    ['--config', file('config.toml', `jwt_secret = "${key}"\n`)],
  ]) assert.notEqual((await watch.command([...serve, ...args])).code, 0, args.join(' '))
  watch.nothingLeaked()
})
