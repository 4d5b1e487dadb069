// The clients of these tests: a stock `y-websocket` provider as any app has it, and a small client that speaks
// `cowrite.v1` and so knows what was saved (docs/protocol.md).

import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import * as sync from 'y-protocols/sync'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { until, within } from './until.mjs'

export const SYNC = 0
export const AWARENESS = 1
const HELLO = 100
const SAVED = 101
const ROLE = 102
const STORAGE = 105
const SPACE = 106

/** Numbers of sync messages. */
const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2

/**
 * A stock client on a document, connected and synced. It goes with the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ wsUrl: string }} server or a proxy before it
 * @param {string} id
 * @param {ConstructorParameters<typeof WebsocketProvider>[3]} [options]
 */
export async function stockClient(t, server, id, options) {
  const client = new StockClient(server, id, options)
  t.after(() => client.leave())
  await client.synced()
  return client
}

export class StockClient {
  /**
   * @param {{ wsUrl: string }} server
   * @param {string} id
   * @param {ConstructorParameters<typeof WebsocketProvider>[3]} [options]
   */
  constructor(server, id, options = {}) {
    const counts = { sockets: 0, disconnections: 0 }
    /** Sockets opened and connections lost since the start. */
    this.counts = counts
    class CountedSocket extends WebSocket {
      /** @param {any[]} args */
      constructor(...args) {
        super(.../** @type {[any]} */ (args))
        counts.sockets += 1
      }
    }
    this.doc = new Y.Doc()
    this.text = this.doc.getText('content')
    this.provider = new WebsocketProvider(server.wsUrl, id, this.doc, {
      WebSocketPolyfill: /** @type {any} */ (CountedSocket),
      disableBc: true, // or clients in one process would talk to each other behind the server's back
      ...options,
    })
    /** Why the server closed it for good, if it did. @type {{ code: number, reason: string } | null} */
    this.closed = null
    this.provider.on('closed', (event) => (this.closed = event))
    this.provider.on('status', ({ status }) => {
      if (status === 'disconnected') counts.disconnections += 1
    })
  }

  synced(within_ms = 10_000) {
    return until('a stock client is synced', () => this.provider.synced, { within_ms })
  }

  /** Bytes handed to the socket that it has not taken yet. */
  get unsent() {
    return this.provider.ws?.bufferedAmount ?? 0
  }

  leave() {
    this.provider.destroy()
    this.doc.destroy()
  }
}

/**
 * The document as a fresh client of the server gets it.
 *
 * @param {{ wsUrl: string }} server
 * @param {string} id
 * @param {number} [within_ms]
 */
export async function freshCopy(server, id, within_ms = 10_000) {
  const client = new CowriteClient(server, id)
  try {
    await within(`a fresh copy of ${id}`, client.connect(), within_ms)
    return client.doc
  } finally {
    client.disconnect()
  }
}

/** A client that counts what it sends and knows what is durable. It comes back only when it is told to. */
export class CowriteClient {
  /**
   * @param {{ wsUrl: string }} server
   * @param {string} id
   */
  constructor(server, id) {
    this.server = server
    this.id = id
    this.doc = new Y.Doc()
    this.text = this.doc.getText('content')
    /** What Hello said. @type {any} */
    this.hello = null
    /** The last role, and the last word about the space. @type {string | null} */
    this.role = null
    /** @type {{ used: number, limit: number } | null} */
    this.space = null
    /** Why changes cannot be saved at present. @type {string | null} */
    this.storage = null
    /** Update-bearing messages sent on this connection, and how many of them are durable. */
    this.sent = 0
    this.saved = 0
    /** Called with the number of the last durable message. */
    this.onSaved = (/** @type {number} */ _n) => {}
    /** The last close. @type {{ code: number, reason: string } | null} */
    this.closed = null
    /** @type {WebSocket | null} */
    this.socket = null
    this.doc.on('update', (update, origin) => {
      if (origin !== this && this.connected) this.sendUpdate(update)
    })
  }

  get connected() {
    return this.socket?.readyState === WebSocket.OPEN && this.hello !== null
  }

  /**
   * Connect and resolve once both ends have told each other what they had. Rejects when the socket closes before.
   *
   * @param {string} [query] such as `?epoch=1`
   * @returns {Promise<void>}
   */
  connect(query = '') {
    this.hello = null
    this.closed = null
    this.sent = 0
    this.saved = 0
    const socket = new WebSocket(`${this.server.wsUrl}/${this.id}${query}`, ['cowrite.v1'])
    socket.binaryType = 'nodebuffer'
    this.socket = socket
    return new Promise((resolve, reject) => {
      const had = { step1: false, step2: false }
      socket.on('error', () => {}) // always followed by close
      socket.on('close', (code, reason) => {
        this.closed = { code, reason: reason.toString() }
        reject(new Error(`closed with ${code} ${reason}`))
      })
      socket.on('open', () => {
        const encoder = encoding.createEncoder()
        encoding.writeVarUint(encoder, SYNC)
        sync.writeSyncStep1(encoder, this.doc)
        socket.send(encoding.toUint8Array(encoder))
      })
      socket.on('message', (/** @type {Buffer} */ bytes) => {
        if (this.socket !== socket) return
        const decoder = decoding.createDecoder(bytes)
        while (decoding.hasContent(decoder)) this.#read(decoder, had)
        if (had.step1 && had.step2) resolve()
      })
    })
  }

  /**
   * Send an update that the own document does not hold.
   *
   * @param {Uint8Array} update
   */
  sendUpdate(update) {
    this.#sendSync((e) => sync.writeUpdate(e, update))
  }

  /** Vanish without a farewell. */
  disconnect() {
    this.socket?.terminate()
    this.socket = null
    this.hello = null
  }

  /** Resolves once everything sent so far is durable. */
  async allSaved(within_ms = 10_000) {
    const sent = this.sent
    await until(`message ${sent - 1} of ${this.id} is saved`, () => this.saved >= sent, { within_ms, every_ms: 5 })
  }

  /**
   * @param {decoding.Decoder} decoder
   * @param {{ step1: boolean, step2: boolean }} had
   */
  #read(decoder, had) {
    const type = decoding.readVarUint(decoder)
    if (type === SYNC) return this.#readSync(decoder, had)
    if (type === AWARENESS) return void decoding.readVarUint8Array(decoder)
    if (type === HELLO) {
      this.hello = JSON.parse(decoding.readVarString(decoder))
      return void (this.role = this.hello.role)
    }
    if (type === ROLE) return void (this.role = decoding.readVarString(decoder))
    if (type === SPACE) {
      const used = decoding.readVarUint(decoder)
      return void (this.space = { used, limit: decoding.readVarUint(decoder) })
    }
    if (type === SAVED) {
      const n = decoding.readVarUint(decoder)
      if (n >= this.sent) throw new Error(`Saved(${n}), but only ${this.sent} messages were sent`)
      if (n < this.saved - 1) throw new Error(`Saved(${n}) after Saved(${this.saved - 1})`)
      this.saved = n + 1
      return this.onSaved(n)
    }
    if (type === STORAGE) {
      const stopped = decoding.readVarUint(decoder) === 1
      const reason = decoding.readVarString(decoder)
      return void (this.storage = stopped ? reason : null)
    }
    throw new Error(`unexpected message ${type}`)
  }

  /**
   * @param {decoding.Decoder} decoder
   * @param {{ step1: boolean, step2: boolean }} had
   */
  #readSync(decoder, had) {
    const type = decoding.readVarUint(decoder)
    const payload = decoding.readVarUint8Array(decoder)
    if (type === STEP_1) {
      had.step1 = true
      this.#sendSync((e) => {
        encoding.writeVarUint(e, STEP_2)
        encoding.writeVarUint8Array(e, Y.encodeStateAsUpdate(this.doc, payload))
      })
    } else if (type === STEP_2 || type === UPDATE) {
      if (type === STEP_2) had.step2 = true
      Y.applyUpdate(this.doc, payload, this)
    } else {
      throw new Error(`unexpected sync message ${type}`)
    }
  }

  /** @param {(encoder: encoding.Encoder) => void} write */
  #sendSync(write) {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, SYNC)
    write(encoder)
    this.sent += 1
    this.socket?.send(encoding.toUint8Array(encoder))
  }
}

/**
 * Whether two copies hold the same: what is there, what was deleted, and the text with its formatting.
 *
 * @param {Y.Doc} a
 * @param {Y.Doc} b
 */
export function same(a, b) {
  return (
    Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b)) &&
    JSON.stringify(a.getText('content').toDelta()) === JSON.stringify(b.getText('content').toDelta())
  )
}
