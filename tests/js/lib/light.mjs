// A client for tests that need thousands: a bare socket that speaks either protocol and holds no Yjs document. It writes
// runs of text of its own, knows which of the tokens in them it has seen, and can stop reading its socket.

import { createHash, randomBytes } from 'node:crypto'
import net from 'node:net'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { AWARENESS, SYNC } from './client.mjs'
import { BINARY, CLOSE, header } from './raw.mjs'
import { until, within } from './until.mjs'

const PING = 0x9
const PONG = 0xa
const HELLO = 100
const SAVED = 101

/** A token in the text: who wrote it, the how manieth it is, and when, in milliseconds of this process. */
const TOKEN = /^#(\d+)\.(\d+)@(\d+);/

let clients = 0
const CLIENT_IDS = randomBytes(4).readUInt32LE() % 1_000_000_000

export class LightClient {
  /**
   * @param {{ port: number }} server
   * @param {string} id
   * @param {{ cowrite?: boolean, watch?: boolean, from?: string }} [options] `watch`: look for tokens in what comes;
   *   `from`: the own address, any of 127.0.0.0/8
   */
  constructor(server, id, { cowrite = true, watch = false, from = undefined } = {}) {
    this.server = server
    this.id = id
    this.cowrite = cowrite
    this.watch = watch
    this.from = from
    this.number = ++clients
    /** The Yjs client id it writes as. */
    this.client = CLIENT_IDS + this.number
    /** Everything it wrote. */
    this.text = ''
    this.tokens = 0
    /** The padding of the last token. */
    this.padding = { clock: 0, length: 0 }
    /** Every token it has seen, as `writer.number`. @type {Set<string>} */
    this.seen = new Set()
    /** Milliseconds from the writing of each token to its coming here as an update. @type {number[]} */
    this.latencies = []
    /** Most tokens that one update brought: many, where it was a difference in place of what was missed. */
    this.most = 0
    this.sent = 0
    this.saved = 0
    this.synced = false
    /** Why the last connection ended: `code` is null when there was no close frame. @type {{ code: number | null, reason: string } | null} */
    this.closed = null
    /** @type {net.Socket | null} */
    this.socket = null
  }

  /**
   * Connect and resolve once both ends have told each other what they had. Rejects when the connection ends before.
   *
   * @returns {Promise<void>}
   */
  connect() {
    const key = randomBytes(16).toString('base64')
    const socket = net.connect({ port: this.server.port, host: '127.0.0.1', localAddress: this.from, noDelay: true })
    Object.assign(this, { socket, closed: null, synced: false, sent: 0, saved: 0 })
    const had = { step1: false, step2: false }
    const protocol = this.cowrite ? 'Sec-WebSocket-Protocol: cowrite.v1\r\n' : ''
    socket.write(
      `GET /ws/${this.id} HTTP/1.1\r\nHost: 127.0.0.1:${this.server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${protocol}\r\n`,
    )
    return new Promise((resolve, reject) => {
      const frames = new Frames(key, (opcode, payload) => {
        if (this.socket !== socket) return
        if (opcode === BINARY) this.#message(payload, had)
        else if (opcode === PING) this.#frame(PONG, payload)
        else if (opcode === CLOSE) {
          const code = payload.length >= 2 ? payload.readUInt16BE(0) : null
          this.closed = { code, reason: payload.subarray(2).toString() }
          this.#frame(CLOSE, payload.subarray(0, 2))
          socket.end()
        }
        if (had.step1 && had.step2 && !this.synced) {
          this.synced = true
          resolve()
        }
      })
      frames.onOpen = () => this.#send([[0, Buffer.from([0])]])
      let failure = ''
      socket.on('error', (error) => (failure = error.message)) // always followed by close
      socket.on('close', () => {
        if (this.socket === socket) this.socket = null
        this.closed ??= { code: null, reason: failure }
        reject(new Error(`closed with ${this.closed.code} ${this.closed.reason}`))
      })
      socket.on('data', (bytes) => {
        try {
          frames.feed(bytes)
        } catch (error) {
          failure = String(error)
          socket.destroy()
        }
      })
    })
  }

  get connected() {
    return this.synced && this.closed === null && this.socket !== null
  }

  /** Bytes that the kernel has not taken yet. */
  get unsent() {
    return this.socket?.writableLength ?? 0
  }

  /** Stop reading. What the server sends fills the kernel's buffers, and then nothing leaves it any more. */
  pause() {
    this.socket?.pause()
  }

  resume() {
    this.socket?.resume()
  }

  /** Vanish without a farewell. */
  disconnect() {
    const socket = this.socket
    this.socket = null
    this.synced = false
    socket?.destroy()
  }

  /**
   * Write a token, followed by padding that the next call deletes: much is sent, and the document stays small. Returns the
   * token's name. Without a connection it goes with the next sync.
   *
   * @param {number} [padding] characters
   */
  write(padding = 0) {
    const name = `${this.number}.${this.tokens++}`
    const token = `#${name}@${Math.round(performance.now())};`
    const update = this.#run(this.text.length, token + 'x'.repeat(padding), this.padding)
    this.padding = { clock: this.text.length + token.length, length: padding }
    this.text += token + 'x'.repeat(padding)
    if (this.connected) this.#send([[2, update]])
    return name
  }

  /**
   * Send many small updates with as few writes as possible. Returns how many.
   *
   * @param {number} count
   */
  flood(count) {
    /** @type {[number, Uint8Array][]} */
    const messages = []
    for (let n = 0; n < count; n++) {
      messages.push([2, this.#run(this.text.length, 'x')])
      this.text += 'x'
    }
    for (const message of messages) this.#send([message])
    return count
  }

  /** Say where the cursor is. @param {number} clock @param {string} [state] JSON */
  aware(clock, state = '{"user":{"name":"Ann"}}') {
    const states = encoding.createEncoder()
    encoding.writeVarUint(states, 1)
    encoding.writeVarUint(states, this.client)
    encoding.writeVarUint(states, clock)
    encoding.writeVarString(states, state)
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, AWARENESS)
    encoding.writeVarUint8Array(encoder, encoding.toUint8Array(states))
    this.#frame(BINARY, encoding.toUint8Array(encoder))
  }

  /** Any bytes as one binary message. @param {Uint8Array} bytes */
  raw(bytes) {
    this.#frame(BINARY, bytes)
  }

  async allSaved(within_ms = 10_000) {
    await until(`all of client ${this.number} is saved`, () => this.saved >= this.sent, { within_ms, every_ms: 5 })
  }

  /** Resolves once the present connection is over. */
  async gone(within_ms = 10_000) {
    const socket = this.socket
    if (socket && !socket.closed) {
      await within('a socket to close', new Promise((resolve) => socket.once('close', resolve)), within_ms)
    }
    return /** @type {{ code: number | null, reason: string }} */ (this.closed)
  }

  /**
   * The update that brings `text` as the own run from `clock` on, one item after the one before, and deletes another run.
   *
   * @param {number} clock
   * @param {string} text
   * @param {{ clock: number, length: number }} [deleted]
   */
  #run(clock, text, deleted = { clock: 0, length: 0 }) {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, this.client)
    encoding.writeVarUint(encoder, clock)
    if (clock === 0) {
      encoding.writeUint8(encoder, 4) // a string, by the name of its parent
      encoding.writeVarUint(encoder, 1)
      encoding.writeVarString(encoder, 'content')
    } else {
      encoding.writeUint8(encoder, 0x84) // a string, after another item
      encoding.writeVarUint(encoder, this.client)
      encoding.writeVarUint(encoder, clock - 1)
    }
    encoding.writeVarString(encoder, text)
    if (deleted.length === 0) {
      encoding.writeVarUint(encoder, 0)
    } else {
      for (const n of [1, this.client, 1, deleted.clock, deleted.length]) encoding.writeVarUint(encoder, n)
    }
    return encoding.toUint8Array(encoder)
  }

  /** @param {Buffer} bytes @param {{ step1: boolean, step2: boolean }} had */
  #message(bytes, had) {
    const decoder = decoding.createDecoder(bytes)
    while (decoding.hasContent(decoder)) {
      const type = decoding.readVarUint(decoder)
      if (type === SYNC) {
        const kind = decoding.readVarUint(decoder)
        const payload = decoding.readVarUint8Array(decoder)
        if (kind === 0) {
          had.step1 = true
          this.#give(payload)
          continue
        }
        if (kind === 1) had.step2 = true
        if (this.watch) this.#look(Buffer.from(payload.buffer, payload.byteOffset, payload.length), kind === 2)
      } else if (type === SAVED) {
        this.saved = decoding.readVarUint(decoder) + 1
      } else if (type === HELLO || type === AWARENESS) {
        decoding.readVarUint8Array(decoder)
      } else {
        return // of no interest, with the rest of its frame
      }
    }
  }

  /** Answer sync step 1: what of the own text the server lacks. @param {Uint8Array} vector */
  #give(vector) {
    const decoder = decoding.createDecoder(vector)
    let has = 0
    for (let n = decoding.readVarUint(decoder); n > 0; n--) {
      const [client, clock] = [decoding.readVarUint(decoder), decoding.readVarUint(decoder)]
      if (client === this.client) has = clock
    }
    const lacks = this.text.slice(has)
    this.#send([[1, lacks ? this.#run(has, lacks) : Uint8Array.of(0, 0)]])
  }

  /** @param {Buffer} bytes @param {boolean} timed */
  #look(bytes, timed) {
    const now = performance.now()
    const known = this.seen.size
    for (let at = bytes.indexOf(0x23); at >= 0; at = bytes.indexOf(0x23, at + 1)) {
      const token = TOKEN.exec(bytes.toString('latin1', at, at + 40))
      if (!token) continue
      const name = `${token[1]}.${token[2]}`
      if (!this.seen.has(name)) {
        this.seen.add(name)
        if (timed) this.latencies.push(now - Number(token[3]))
      }
    }
    if (timed) this.most = Math.max(this.most, this.seen.size - known)
  }

  /** @param {[number, Uint8Array][]} messages of the sync protocol */
  #send(messages) {
    for (const [kind, payload] of messages) {
      const encoder = encoding.createEncoder()
      encoding.writeVarUint(encoder, SYNC)
      encoding.writeVarUint(encoder, kind)
      encoding.writeVarUint8Array(encoder, payload)
      if (kind !== 0) this.sent += 1
      this.#frame(BINARY, encoding.toUint8Array(encoder))
    }
  }

  /** @param {number} opcode @param {Uint8Array} payload */
  #frame(opcode, payload) {
    if (this.socket?.writable) this.socket.write(Buffer.concat([header(opcode, payload.length), payload]))
  }
}

/** The server's frames out of chunks of bytes, each copied once. */
class Frames {
  /**
   * @param {string} key
   * @param {(opcode: number, payload: Buffer) => void} onFrame
   */
  constructor(key, onFrame) {
    this.accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    this.onFrame = onFrame
    this.onOpen = () => {}
    this.open = false
    /** @type {Buffer[]} */
    this.chunks = []
    this.have = 0
    /** Bytes that must be here before there is anything to do. */
    this.need = 2
  }

  /** @param {Buffer} chunk */
  feed(chunk) {
    this.chunks.push(chunk)
    this.have += chunk.length
    if (this.have < this.need) return
    let bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks)
    if (!this.open) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = bytes.subarray(0, end).toString()
      if (!head.startsWith('HTTP/1.1 101') || !head.includes(this.accept)) throw new Error(head.split('\r\n')[0])
      this.open = true
      this.onOpen()
      bytes = bytes.subarray(end + 4)
    }
    for (;;) {
      const frame = measure(bytes)
      this.need = frame?.end ?? 2
      if (!frame || bytes.length < frame.end) break
      this.onFrame(bytes[0] & 0x0f, bytes.subarray(frame.start, frame.end))
      bytes = bytes.subarray(frame.end)
    }
    this.chunks = bytes.length > 0 ? [bytes] : []
    this.have = bytes.length
    if (this.have >= this.need) this.need = this.have + 1 // a header is not whole yet
  }
}

/** Where the payload of the first frame begins and ends, once its header is whole. @param {Buffer} bytes */
function measure(bytes) {
  if (bytes.length < 2) return null
  const length = bytes[1] & 0x7f
  if (length < 126) return { start: 2, end: 2 + length }
  if (length === 126) return bytes.length < 4 ? null : { start: 4, end: 4 + bytes.readUInt16BE(2) }
  return bytes.length < 10 ? null : { start: 10, end: 10 + Number(bytes.readBigUInt64BE(2)) }
}
