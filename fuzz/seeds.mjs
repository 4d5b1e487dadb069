// Seeds for the fuzzers from the bytes that real Yjs wrote (tests/fixtures): `node fuzz/seeds.mjs`.

import fs from 'node:fs'
import zlib from 'node:zlib'

const fixture = (name) => JSON.parse(fs.readFileSync(new URL(`../tests/fixtures/${name}`, import.meta.url)))
const bytesOf = ({ hex, gzip }) => (gzip ? zlib.gunzipSync(Buffer.from(hex, 'hex')) : Buffer.from(hex, 'hex'))

const write = (target, i, bytes) => {
  const folder = new URL(`corpus/${target}/`, import.meta.url)
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(new URL(`seed-${i}`, folder), bytes)
}

for (const [i, message] of fixture('messages.json').entries()) {
  const bytes = bytesOf(message)
  write('frames', i, bytes)
  if (bytes[0] === 1) write('awareness', i, Buffer.concat([Buffer.from([12, Math.min(bytes.length - 2, 255)]), bytes.subarray(2)]))
  // As a masked WebSocket frame: a mask of zeros leaves the bytes as they are.
  if (bytes.length < 126) write('frames', `framed-${i}`, Buffer.concat([Buffer.from([0x82, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]))
}

for (const [i, { updates }] of fixture('updates.json').entries()) {
  const small = updates.map(bytesOf).filter((bytes) => bytes.length < 4000)
  const framed = small.slice(0, 40).flatMap((bytes) => [Buffer.from([bytes.length & 255, bytes.length >> 8]), bytes])
  write('guard', i, Buffer.concat(framed))
}
