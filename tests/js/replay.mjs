// Computes with real Yjs what the Rust tests computed with yrs: `node replay.mjs stories.json`.
// A story is `{ name, updates, text, delta, meta, vector }` as tests/it/yjs.rs writes it.

import fs from 'node:fs'
import assert from 'node:assert/strict'
import * as Y from 'yjs'

/** The text's pieces, neighbours of equal formatting joined: the two libraries cut them at different places. */
const pieces = (text) => {
  const joined = []
  for (const { insert, attributes = null } of text.toDelta()) {
    const piece = typeof insert === 'string' ? insert : '\ufffc'
    const last = joined.at(-1)
    const same = last && JSON.stringify(last[1]) === JSON.stringify(attributes)
    if (same) last[0] += piece
    else joined.push([piece, attributes])
  }
  return joined
}

const stories = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
let failures = 0
for (const story of stories) {
  const doc = new Y.Doc()
  try {
    for (const update of story.updates) Y.applyUpdate(doc, Buffer.from(update, 'hex'))
    assert.equal(doc.store.pendingStructs ?? doc.store.pendingDs, null, 'something is pending')
    const text = doc.getText('content')
    assert.equal(text.toString(), story.text)
    assert.deepEqual(pieces(text), story.delta)
    assert.deepEqual(doc.getMap('meta').toJSON(), story.meta)
    assert.deepEqual(Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(doc))), story.vector)
  } catch (error) {
    failures++
    console.log(`${story.name}: ${error.message}`)
  }
}
console.log(`${stories.length} documents, ${failures} of them different in Yjs`)
process.exitCode = failures ? 1 : 0
