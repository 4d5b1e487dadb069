// A server with secrets, and all that it says to anybody, looked at.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import WebSocket from 'ws'
import { Canaries } from './canaries.mjs'
import { BINARY, ENVIRONMENT } from './server.mjs'
import { within } from './until.mjs'

/** Everything that anybody could read of an answer. @typedef {{ status: number, headers: Headers, text: string }} Answer */

/** What a test looks at: a server, its secrets, and all that was said. */
export class Watch {
  canaries = new Canaries()
  /** Statuses and close codes, to see that the story went as it was meant. @type {string[]} */
  story = []
  sockets = 0

  /** @param {import('./server.mjs').Server} server */
  constructor(server) {
    this.server = server
  }

  /**
   * Ask, and look at the answer.
   *
   * @param {string} method
   * @param {string} path
   * @param {{ body?: unknown, headers?: Record<string, string>, handsOut?: (answer: Answer) => string[] }} [request]
   * @returns {Promise<Answer>}
   */
  async ask(method, path, { body, headers = {}, handsOut = () => [] } = {}) {
    const response = await this.server.fetch(path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'manual',
    })
    const answer = { status: response.status, headers: response.headers, text: await response.text() }
    const seen = `${[...response.headers].map((line) => line.join(': ')).join('\n')}\n\n${answer.text}`
    const where = `the answer to ${method} ${path.split('?')[0]}`
    this.canaries.search(where, seen, handsOut(answer))
    this.story.push(`${method} ${path.split(/[?#]/)[0].replace('/api/v1', '')} ${answer.status}`)
    return answer
  }

  /**
   * Open a socket, say something, and wait for its end or for the document. All that was heard is looked at.
   *
   * @param {string} path
   * @param {{ subprotocols?: string[], headers?: Record<string, string>, says?: Uint8Array[] }} [how]
   */
  async socket(path, { subprotocols = ['cowrite.v1'], headers = {}, says = [] } = {}) {
    // From another address each time: whoever is refused again and again on a document waits for it.
    const localAddress = `127.0.1.${++this.sockets}`
    const socket = new WebSocket(this.server.wsUrl.replace(/\/ws$/, path), subprotocols, { headers, localAddress })
    /** @type {Buffer[]} */
    const heard = []
    socket.on('upgrade', (answer) => heard.push(Buffer.from(JSON.stringify(answer.rawHeaders))))
    socket.on('error', (error) => heard.push(Buffer.from(error.message)))
    socket.on('open', () => says.forEach((message) => socket.send(message)))
    const end = await within('a socket to be answered', new Promise((resolve) => {
      socket.on('message', (/** @type {Buffer} */ message) => {
        heard.push(message)
        if (message[0] === 100) resolve('let in')
      })
      socket.on('close', (code, reason) => {
        heard.push(reason)
        resolve(`closed ${code}`)
      })
    }))
    socket.terminate()
    this.canaries.search(`what the socket ${path.split('?')[0]} said`, Buffer.concat(heard))
    this.story.push(`socket ${end}`)
    return end
  }

  /**
   * Run a command on the data or at the server, and look at what it prints and at how others see its process.
   *
   * @param {string[]} args
   * @param {{ input?: string, handsOut?: (out: string) => string[] }} [how]
   */
  async command(args, { input = '', handsOut = () => [] } = {}) {
    const child = spawn(BINARY, args, { env: { ...ENVIRONMENT, COWRITE_LOG: 'trace' }, stdio: ['pipe', 'pipe', 'pipe'] })
    const place = `/proc/${child.pid}`
    // Before it is given what it waits for, it cannot have ended.
    this.canaries.search(`the command line of ${args.slice(0, 2).join(' ')}`, seen(`${place}/cmdline`))
    this.canaries.search(`the environment of ${args.slice(0, 2).join(' ')}`, seen(`${place}/environ`))
    let [out, errors] = ['', '']
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (errors += chunk))
    child.stdin.on('error', () => {}) // one that does not listen
    child.stdin.end(input)
    const code = await within(`cowrite ${args.join(' ')}`, new Promise((resolve) => child.once('close', resolve)), 60_000)
    this.canaries.search(`what ${args.slice(0, 2).join(' ')} printed`, out + errors, handsOut(out))
    this.story.push(`cowrite ${args.slice(0, 2).join(' ')} ${code}`)
    return { code, out, errors }
  }

  /** The process of the server itself: at a terminal, the child of what makes one. */
  get pid() {
    const { pid, terminal } = this.server
    return terminal ? Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) : pid
  }

  /** How others see the server's process, and its log. @param {string[]} [handedOut] */
  look(handedOut = []) {
    assert.match(String(seen(`/proc/${this.pid}/cmdline`)), /--data/)
    this.canaries.search('the server’s command line', seen(`/proc/${this.pid}/cmdline`))
    this.canaries.search('the server’s environment', seen(`/proc/${this.pid}/environ`))
    this.canaries.search('the log', this.server.log, handedOut)
  }

  nothingLeaked() {
    const { leaks } = this.canaries
    assert.deepEqual(leaks, [], `${leaks.length} leaks; the story was:\n${this.story.join('\n')}`)
  }
}

/** @param {string} file of a process, which may have ended */
function seen(file) {
  try {
    return readFileSync(file)
  } catch {
    return ''
  }
}
