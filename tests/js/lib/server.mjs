// The real server binary as a test sees it: started on a folder of its own, killed, restarted, stopped, asked over HTTP.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { until, within } from './until.mjs'

export const REPOSITORY = path.resolve(fileURLToPath(import.meta.url), '../../../..')

/** The binary under test. */
export const BINARY = path.resolve(REPOSITORY, process.env.COWRITE_BIN ?? 'target/release/cowrite')

const READY_WITHIN_MS = 15_000

/** What the binary gets to see of our own environment: none of its settings. */
export const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('COWRITE_')),
)

/** Children that still run, so that nothing outlives the tests. Only what was started here is ever signalled. */
const running = new Set()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Start a server for one test. It ends with the test, and its data folder goes with it.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ restarts?: boolean, args?: string[], env?: Record<string, string> }} [options] `restarts`: take a port that
 *   is still there after a restart
 * @returns {Promise<Server>}
 */
export async function startServer(t, options = {}) {
  const server = new Server(options.restarts ? await stablePort() : 0, options)
  t.after(() => server.dispose())
  await server.start()
  return server
}

export class Server {
  /**
   * @param {number} port
   * @param {{ args?: string[], env?: Record<string, string> }} [options]
   */
  constructor(port, { args = [], env = {} } = {}) {
    this.port = port
    this.args = args
    this.env = env
    /** What stands before the command, to run it somewhere else. @type {string[]} */
    this.prefix = []
    /** Whether it is started at a terminal. */
    this.terminal = false
    /** The data folder. It stays the same over restarts. */
    this.data = mkdtempSync(path.join(os.tmpdir(), 'cowrite-test-'))
    /** Everything that was logged or printed since the first start, without colours. */
    this.log = ''
    /** @type {import('node:child_process').ChildProcess | null} */
    this.child = null
    /** @type {Promise<{ code: number | null, signal: string | null }>} */
    this.exited = Promise.resolve({ code: null, signal: null })
  }

  /** `http://host:port` */
  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  /** What a stock provider takes for its server's address. */
  get wsUrl() {
    return `ws://127.0.0.1:${this.port}/ws`
  }

  get pid() {
    if (!this.child?.pid) throw new Error('the server does not run')
    return this.child.pid
  }

  /** Start the binary and wait until it is ready to serve. */
  async start() {
    const logged = this.log.length
    this.spawn()
    let gone = null
    this.exited.then((how) => (gone = how))
    const alive = () => {
      if (gone) throw new Error('the server ended')
    }
    try {
      await until(
        'the server is ready',
        async () => {
          if (gone) return true
          if (this.port === 0) {
            const address = this.log.slice(logged).match(/http:\/\/[^\s/]+:(\d+)/)
            if (!address) return false
            this.port = Number(address[1])
          }
          return (await fetch(`${this.url}/readyz`)).status === 200
        },
        { within_ms: READY_WITHIN_MS, every_ms: 5 },
      )
      alive()
    } catch (cause) {
      throw new Error(`${BINARY} did not start; it logged:\n${this.log.slice(logged)}`, { cause })
    }
  }

  /** Start the binary and do not wait for anything. */
  spawn() {
    const args = ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data, ...this.args]
    // `script` is a terminal to it: the server tells a secret to nobody else. It runs a shell, which some shells stay: `exec` makes the
    // server its child wherever it runs.
    const [command, ...rest] = this.terminal
      ? ['script', '-qefc', ['exec', BINARY, ...args].join(' '), '/dev/null']
      : [...this.prefix, BINARY, ...args]
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...ENVIRONMENT, ...this.env } })
    this.child = child
    running.add(child)
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.log += `${error.message}\n`
        resolve({ code: null, signal: null })
      })
      child.once('exit', (code, signal) => {
        running.delete(child)
        if (this.child === child) this.child = null
        resolve({ code, signal })
      })
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8')
      stream?.on('data', (chunk) => {
        if (process.env.COWRITE_LOGS) process.stderr.write(chunk)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
        this.log += chunk.replace(/\x1b\[[0-9;]*m/g, '')
      })
    }
  }

  /** What a power cut does to a process. */
  async kill() {
    this.child?.kill('SIGKILL')
    await this.exited
  }

  /**
   * Ask it to go and wait until it went.
   *
   * @param {number} [within_ms]
   */
  async stop(within_ms = 10_000) {
    this.child?.kill('SIGTERM')
    return await within('the server to stop', this.exited, within_ms)
  }

  async dispose() {
    await this.kill()
    rmSync(this.data, { recursive: true, force: true })
  }

  /**
   * @param {string} path
   * @param {RequestInit} [init]
   */
  fetch(path, init) {
    return fetch(this.url + path, init)
  }

  /**
   * Create a document and return what the server says of it.
   *
   * @param {{ kind?: string, title?: string, text?: string, id?: string, again?: boolean }} [document]
   * @returns {Promise<{ id: string, kind: string, title: string }>}
   */
  async create(document = {}) {
    const response = await this.fetch('/api/v1/documents', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'markdown', ...document }),
    })
    if (response.status !== 201) throw new Error(`create: ${response.status} ${await response.text()}`)
    return /** @type {any} */ (await response.json())
  }

  /**
   * @param {string} id
   * @param {string} [format]
   */
  async export(id, format = 'txt') {
    const response = await this.fetch(`/api/v1/documents/${id}/export?format=${format}`)
    if (response.status !== 200) throw new Error(`export: ${response.status} ${await response.text()}`)
    return await response.text()
  }

  /** Bytes of memory the server holds at present. */
  residentBytes() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
  }
}

/**
 * A port that a restarted server gets again. It lies below the kernel's ephemeral range: a client that tries to come
 * back to a port inside it can be given that very port for its own end, and then talks to itself.
 */
async function stablePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return port
  }
}

/** @param {number} port */
const isFree = (port) =>
  new Promise((resolve) => {
    const probe = net.createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
