// A network that can be broken: a loopback TCP proxy between a client and the server.

import net from 'node:net'

/**
 * - `pass`: bytes flow.
 * - `reset`: every connection is torn down with RST and so is every new one; the client hears at once.
 * - `silence`: nothing passes either way, nothing closes, new connections are accepted and hear nothing. That is what a
 *   lost radio link looks like to both ends: no error, no event. What was sent meanwhile arrives when bytes pass again.
 *
 * @typedef {'pass' | 'reset' | 'silence'} Mode
 */

/**
 * Put a proxy in front of a server for one test.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ port: number }} server asked for its port at each connection
 * @returns {Promise<Proxy>}
 */
export async function startProxy(t, server) {
  const proxy = new Proxy(server)
  await new Promise((listening) => proxy.listener.listen(0, '127.0.0.1', () => listening(undefined)))
  t.after(() => proxy.close())
  return proxy
}

class Proxy {
  /** @param {{ port: number }} server */
  constructor(server) {
    this.server = server
    /** @type {Mode} */
    this.mode = 'pass'
    /** @type {Set<Connection>} */
    this.open = new Set()
    /** Connections that clients have opened so far. */
    this.accepted = 0
    this.listener = net.createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
  }

  get port() {
    return /** @type {net.AddressInfo} */ (this.listener.address()).port
  }

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  get wsUrl() {
    return `ws://127.0.0.1:${this.port}/ws`
  }

  pass() {
    this.mode = 'pass'
    for (const connection of this.open) connection.pass()
  }

  reset() {
    this.mode = 'reset'
    for (const connection of this.open) connection.reset()
  }

  silence() {
    this.mode = 'silence'
    for (const connection of this.open) connection.hold()
  }

  async close() {
    for (const connection of this.open) connection.reset()
    await new Promise((closed) => this.listener.close(closed))
  }

  /** @param {net.Socket} client */
  #accept(client) {
    this.accepted += 1
    if (this.mode === 'reset') {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const connection = new Connection(client, this.server.port, () => this.open.delete(connection))
    this.open.add(connection)
    if (this.mode === 'pass') connection.pass()
    else connection.hold()
  }
}

class Connection {
  /**
   * @param {net.Socket} client
   * @param {number} port
   * @param {() => void} ended
   */
  constructor(client, port, ended) {
    this.client = client
    this.port = port
    this.ended = ended
    /** @type {net.Socket | null} */
    this.upstream = null
    this.holding = true
    /** An end that died while nothing could pass; the other end learns of it later. */
    this.died = false
    /** Bytes to the server and from it. */
    this.up = 0
    this.down = 0
    this.#watch(client)
    client.on('data', (bytes) => (this.up += bytes.length))
    client.pause()
  }

  pass() {
    this.holding = false
    if (this.died) return this.#destroy()
    if (!this.upstream) {
      this.upstream = net.connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true })
      this.upstream.setNoDelay(true)
      this.client.setNoDelay(true)
      this.#watch(this.upstream)
      this.upstream.on('data', (bytes) => (this.down += bytes.length))
    }
    this.client.pipe(this.upstream)
    this.upstream.pipe(this.client)
  }

  hold() {
    this.holding = true
    if (this.upstream) {
      this.client.unpipe(this.upstream)
      this.upstream.unpipe(this.client)
    }
    this.client.pause()
    this.upstream?.pause()
  }

  reset() {
    this.client.resetAndDestroy()
    this.upstream?.resetAndDestroy()
    this.ended()
  }

  /** @param {net.Socket} socket */
  #watch(socket) {
    socket.on('error', () => {})
    socket.on('close', () => {
      this.died = true
      if (!this.holding) this.#destroy()
    })
  }

  #destroy() {
    this.client.destroy()
    this.upstream?.destroy()
    this.ended()
  }
}
