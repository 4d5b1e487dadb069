// A WebSocket by hand, for frames that no client library would send.

import { randomBytes } from 'node:crypto'
import net from 'node:net'
import { until, within } from './until.mjs'

export const CONTINUATION = 0x0
export const TEXT = 0x1
export const BINARY = 0x2
export const CLOSE = 0x8

/**
 * Open a WebSocket on a bare TCP connection. It goes with the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ port: number }} server
 * @param {string} id
 */
export async function rawSocket(t, server, id) {
  const socket = net.connect(server.port, '127.0.0.1')
  t.after(() => socket.destroy())
  const raw = new RawSocket(socket)
  socket.write(
    `GET /ws/${id} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  await until('the upgrade', () => raw.upgraded)
  return raw
}

class RawSocket {
  /** @param {net.Socket} socket */
  constructor(socket) {
    this.socket = socket
    this.received = Buffer.alloc(0)
    this.upgraded = false
    /** The code of the server's close frame. @type {number | null} */
    this.code = null
    this.reason = ''
    this.gone = new Promise((resolve) => socket.once('close', () => resolve(undefined)))
    socket.on('error', () => {}) // a reset is one of the expected ends
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes])
      this.#read()
    })
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    this.socket.write(bytes)
  }

  /**
   * @param {number} opcode
   * @param {Uint8Array} payload
   * @param {{ fin?: boolean, masked?: boolean }} [options]
   */
  frame(opcode, payload, { fin = true, masked = true } = {}) {
    this.write(header(opcode, payload.length, { fin, masked }))
    this.write(payload) // the mask is four zeros, so the payload goes as it is
  }

  /** Resolves with the close code, or null when the connection ended without one. */
  async closed(within_ms = 10_000) {
    await within('the server to close a raw socket', Promise.race([this.gone, until('', () => this.code, { within_ms })]))
    return this.code
  }

  #read() {
    if (!this.upgraded) {
      const end = this.received.indexOf('\r\n\r\n')
      if (end < 0) return
      const status = this.received.subarray(0, end).toString().split('\r\n')[0]
      if (!status.includes(' 101 ')) throw new Error(`no upgrade: ${status}`)
      this.upgraded = true
      this.received = this.received.subarray(end + 4)
    }
    for (;;) {
      const bytes = this.received
      if (bytes.length < 2) return
      let length = bytes[1] & 0x7f
      let start = 2
      if (length === 126) {
        if (bytes.length < 4) return
        length = bytes.readUInt16BE(2)
        start = 4
      } else if (length === 127) {
        if (bytes.length < 10) return
        length = Number(bytes.readBigUInt64BE(2))
        start = 10
      }
      if (bytes.length < start + length) return
      if ((bytes[0] & 0x0f) === CLOSE && length >= 2) {
        this.code = bytes.readUInt16BE(start)
        this.reason = bytes.subarray(start + 2, start + length).toString()
      }
      this.received = bytes.subarray(start + length)
    }
  }
}

/**
 * @param {number} opcode
 * @param {number} length declared, not necessarily sent
 * @param {{ fin?: boolean, masked?: boolean }} [options]
 */
export function header(opcode, length, { fin = true, masked = true } = {}) {
  const first = (fin ? 0x80 : 0) | opcode
  const bit = masked ? 0x80 : 0
  const mask = Buffer.alloc(masked ? 4 : 0)
  if (length < 126) return Buffer.concat([Buffer.from([first, bit | length]), mask])
  if (length < 65536) {
    const head = Buffer.from([first, bit | 126, 0, 0])
    head.writeUInt16BE(length, 2)
    return Buffer.concat([head, mask])
  }
  const head = Buffer.alloc(10)
  head[0] = first
  head[1] = bit | 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, mask])
}
