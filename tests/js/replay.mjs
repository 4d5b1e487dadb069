// Computes with real Yjs what the Rust tests computed with yrs: `node replay.mjs stories.json`.
// A story is `{ name, updates, looks }` as tests/it/yjs.rs writes it: what is there after so many of the updates.

import fs from 'node:fs'
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'

/** A value as JSON that tells apart what JSON does not, and what yrs does: it keeps no sign of zero and takes 1n for 1. */
const plain = (value) => {
  if (value === undefined) return { is: 'undefined' }
  if (typeof value === 'number' || typeof value === 'bigint') return { is: bits(Number(value)) }
  if (value instanceof Uint8Array) return { is: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

const bits = (number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(Number.isNaN(number) ? NaN : number + 0)
  return bytes.toString('hex')
}

/** A value, or what a shared type holds. */
const held = (value) => {
  if (value instanceof Y.XmlText) return { text: pieces(value), attributes: entries(value.getAttributes()) }
  if (value instanceof Y.Text) return { text: pieces(value) }
  if (value instanceof Y.Array) return { array: value.toArray().map(held) }
  if (value instanceof Y.Map) return { map: entries(Object.fromEntries(value.entries())) }
  if (value instanceof Y.XmlElement) {
    const attributes = entries(value.getAttributes())
    return { element: value.nodeName, attributes, children: value.toArray().map(held) }
  }
  if (value instanceof Y.XmlFragment) return { fragment: value.toArray().map(held) }
  return plain(value)
}

const entries = (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, held(value)]))

/** The text's pieces, neighbours of equal formatting joined: the two libraries cut them at different places. */
const pieces = (text) => {
  const joined = []
  for (const { insert, attributes = null } of text.toDelta()) {
    const piece = typeof insert === 'string' ? insert : [held(insert)]
    const formats = plain(attributes)
    const last = joined.at(-1)
    const same = last && typeof last[0] === 'string' && typeof piece === 'string'
    if (same && isDeepStrictEqual(last[1], formats)) last[0] += piece
    else joined.push([piece, formats])
  }
  return joined
}

// Yjs tidies up after others: it deletes marks that it finds redundant, which is an edit of its own and sent like any
// other. What is compared is what the updates make; a document that is tidied has to take them without harm.
const tidyingObserver = Y.Text.prototype._callObserver
let tidying = false
Y.Text.prototype._callObserver = function (...change) {
  const observer = tidying ? tidyingObserver : Y.AbstractType.prototype._callObserver
  observer.apply(this, change)
}

/** A document as a page has it, which knows what its shared types are before anything comes. */
const page = () => {
  const doc = new Y.Doc()
  return { doc, text: doc.getText('content'), meta: doc.getMap('meta') }
}

const compare = ({ doc, text, meta }, look) => {
  assert.equal(doc.store.pendingStructs ?? doc.store.pendingDs, null, 'something is pending')
  assert.equal(text.toString(), look.text)
  assert.deepEqual(pieces(text), look.delta)
  assert.deepEqual(held(meta).map, look.meta)
  assert.deepEqual(Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(doc))), look.vector)
}

/** The updates in the order they came in, looked at on the way. */
const inOrder = (updates, looks) => {
  const open = page()
  let applied = 0
  try {
    for (const [until, look] of looks) {
      while (applied < until) Y.applyUpdate(open.doc, updates[applied++])
      compare(open, look)
    }
  } catch (error) {
    throw new Error(`after update ${applied} of ${updates.length}: ${error.message}`)
  }
}

/**
 * The same text comes of other orders: a page that was away and one that was there agree. What is nested is left out, for
 * there Yjs itself puts items between neighbours that never touched, when a deleted type comes back.
 */
const inOtherOrders = (updates, looks) => {
  const every = (n, from) => updates.filter((_, i) => i % n === from)
  const orders = { 'the last first': updates.toReversed(), 'every other first': [...every(2, 1), ...every(2, 0)] }
  for (const [name, order] of Object.entries(orders)) {
    const away = page()
    try {
      // Now and then Yjs holds back what it could apply by now. A page gets that again with its next sync.
      for (const update of [...order, ...updates]) Y.applyUpdate(away.doc, update)
      const { text, vector } = looks.at(-1)[1]
      assert.equal(away.text.toString(), text)
      assert.deepEqual(Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(away.doc))), vector)
    } catch (error) {
      throw new Error(`${name}: ${error.message}`)
    }
  }
}

const tidied = (updates, looks) => {
  tidying = true
  try {
    const open = page()
    for (const update of updates) Y.applyUpdate(open.doc, update)
    assert.equal(open.text.toString(), looks.at(-1)[1].text, 'tidying changes the text')
  } finally {
    tidying = false
  }
}

const stories = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
let failures = 0
for (const { name, updates, looks } of stories) {
  const bytes = updates.map((update) => Buffer.from(update, 'hex'))
  for (const telling of [inOrder, inOtherOrders, tidied]) {
    try {
      telling(bytes, looks)
    } catch (error) {
      failures++
      console.log(`${name}: ${telling.name}: ${error.message}`)
      break
    }
  }
}
console.log(`${stories.length} documents, ${failures} of them different in Yjs`)
process.exitCode = failures ? 1 : 0
