// Records what real Yjs and y-protocols put on the wire, for the Rust and the TypeScript tests: `npm run record`.
//
// The output does not change from run to run: client ids are given, choices come from a seeded generator.
// messages.json    [{ name, hex, ...what it says }]
// updates.json     [{ name, updates: [{ hex, gzip?, verdict, until?, novel? }], roots, text, json, vector }]
// With `gzip: true` the bytes were gzipped before they became hex. `verdict` is what a server that gets the updates in this order
// has to answer; an `early` update becomes acceptable once the update with the index `until` is in.
import fs from 'node:fs'
import zlib from 'node:zlib'
import * as encoding from 'lib0/encoding'
import * as auth from 'y-protocols/auth'
import * as awarenessProtocol from 'y-protocols/awareness'
import * as sync from 'y-protocols/sync'
import * as Y from 'yjs'

const folder = new URL('../fixtures/', import.meta.url)
const hex = (bytes) => Buffer.from(bytes).toString('hex')

/** A small seeded generator (mulberry32): integers below n. */
const random = (seed) => (n) => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) % n
}

const doc = (clientID, options = {}) => Object.assign(new Y.Doc(options), { clientID })

// --- messages -------------------------------------------------------------------------------------------------------

const message = (write) => {
  const encoder = encoding.createEncoder()
  write(encoder)
  return encoding.toUint8Array(encoder)
}
const typed = (type, write) =>
  message((encoder) => {
    encoding.writeVarUint(encoder, type)
    write(encoder)
  })

const messages = () => {
  const written = doc(1)
  written.getText('content').insert(0, 'hello 👋')
  const update = Y.encodeStateAsUpdate(written)
  const vector = Y.encodeStateVector(written)
  const awareness = new awarenessProtocol.Awareness(doc(10))
  clearInterval(awareness._checkInterval)
  const states = [
    { clientID: 10, clock: 3, state: { user: { name: 'Ada', color: '#a00', colorLight: '#a003' }, cursor: null } },
    { clientID: 4294967295, clock: 1, state: { user: { name: 'Grace 🐝' } } },
    { clientID: 12, clock: 7, state: null },
  ]
  for (const { clientID, clock, state } of states) {
    awareness.meta.set(clientID, { clock, lastUpdated: 0 })
    state ? awareness.states.set(clientID, state) : awareness.states.delete(clientID)
  }
  const presence = (ids) => typed(1, (e) => {
    encoding.writeVarUint8Array(e, awarenessProtocol.encodeAwarenessUpdate(awareness, ids))
  })
  const hello = {
    epoch: '00112233445566ff',
    role: 'editor',
    session: 'ffeeddccbbaa9988',
    kind: 'markdown',
    title: 'Grüße',
    limits: { message_bytes: 8388608 },
  }
  const json = JSON.stringify(hello)
  const list = [
    ['sync step 1, empty document', typed(0, (e) => sync.writeSyncStep1(e, doc(2))), { vector: '00' }],
    ['sync step 1', typed(0, (e) => sync.writeSyncStep1(e, written)), { vector: hex(vector) }],
    ['sync step 2, empty document', typed(0, (e) => sync.writeSyncStep2(e, doc(2))), { update: '0000' }],
    ['sync step 2', typed(0, (e) => sync.writeSyncStep2(e, written)), { update: hex(update) }],
    ['update', typed(0, (e) => sync.writeUpdate(e, update)), { update: hex(update) }],
    ['awareness, one client', presence([10]), { states: [states[0]] }],
    ['awareness, several clients, one gone', presence([10, 4294967295, 12]), { states }],
    ['awareness, nobody', presence([]), { states: [] }],
    ['auth, denied', typed(2, (e) => auth.writePermissionDenied(e, 'no')), { reason: 'no' }],
    ['query awareness', typed(3, () => {}), {}],
    ['hello', typed(100, (e) => encoding.writeVarString(e, json)), { json, hello }],
    ['saved, the first', typed(101, (e) => encoding.writeVarUint(e, 0)), { n: 0 }],
    ['saved', typed(101, (e) => encoding.writeVarUint(e, 70000)), { n: 70000 }],
    ['role', typed(102, (e) => encoding.writeVarString(e, 'viewer')), { role: 'viewer' }],
    ['ping', typed(103, (e) => encoding.writeVarUint(e, 300)), { token: 300 }],
    ['pong', typed(104, (e) => encoding.writeVarUint(e, 300)), { token: 300 }],
    ['storage, down', typed(105, (e) => {
      encoding.writeVarUint(e, 1)
      encoding.writeVarString(e, 'the disk is full')
    }), { failing: true, reason: 'the disk is full' }],
    ['storage, up again', typed(105, (e) => {
      encoding.writeVarUint(e, 0)
      encoding.writeVarString(e, '')
    }), { failing: false, reason: '' }],
    ['role, in a full document', typed(102, (e) => encoding.writeVarString(e, 'trimmer')), { role: 'trimmer' }],
    ['space', typed(106, (e) => {
      encoding.writeVarUint(e, 61740000)
      encoding.writeVarUint(e, 67108864)
    }), { used: 61740000, limit: 67108864 }],
  ]
  return list.map(([name, bytes, says]) => ({ name, hex: hex(bytes), ...says }))
}

// --- updates --------------------------------------------------------------------------------------------------------

const pack = (bytes) =>
  bytes.length < 400
    ? { hex: hex(bytes) }
    : { hex: hex(zlib.gzipSync(bytes, { level: 9 })), gzip: true }

/** Every update a document makes from here on. */
const recorded = (document) => {
  const updates = []
  document.on('update', (update) => updates.push(update))
  return updates
}

const ROOTS = { text: 'getText', map: 'getMap', array: 'getArray', xml: 'getXmlFragment' }

/** A case: what to send, the verdicts (`accept` unless said), and what Yjs makes of all of it. */
const expected = (name, sent, { roots = { content: 'text' }, verdicts = {}, reference } = {}) => {
  const final = reference ?? doc(999)
  const updates = sent.map((bytes, i) => ({ ...pack(bytes), verdict: 'accept', ...verdicts[i] }))
  if (!reference) {
    sent.forEach((bytes, i) => updates[i].verdict !== 'malformed' && Y.applyUpdate(final, bytes))
  }
  const json = {}
  for (const [root, kind] of Object.entries(roots)) json[root] = final[ROOTS[kind]](root).toJSON()
  if (final.store.pendingStructs || final.store.pendingDs) throw new Error(`${name}: something is pending`)
  const text = roots.content === 'text' ? final.getText('content').toString() : undefined
  const vector = Object.fromEntries(Y.decodeStateVector(Y.encodeStateVector(final)))
  if (roots.content === 'text') delete json.content
  return { name, updates, roots, ...(text?.length > 20000 ? hashed(text) : { text }), json, vector }
}

/** A text too long to write down: its length in UTF-16 units and the FNV-1a hash of its UTF-8 bytes. */
const hashed = (text) => {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return { textLength: text.length, textHash: hash.toString(16).padStart(16, '0') }
}

const exchange = (a, b) => {
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)))
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)))
}

const plainTyping = () => {
  const a = doc(1)
  const updates = recorded(a)
  const text = a.getText('content')
  for (const [i, c] of [...'Hello world'].entries()) text.insert(i, c)
  for (const [i, c] of [...' brave new'].entries()) text.insert(5 + i, c)
  text.delete(0, 1)
  text.insert(0, 'J')
  return expected('plain typing', updates)
}

const twoClients = () => {
  const [a, b] = [doc(7), doc(3)]
  const [fromA, fromB] = [recorded(a), recorded(b)]
  a.getText('content').insert(0, 'one two three')
  Y.applyUpdate(b, fromA[0])
  const start = [fromA[0]]
  fromA.length = fromB.length = 0
  for (let i = 0; i < 8; i++) {
    a.getText('content').insert(4, 'A' + i)
    b.getText('content').insert(4, 'B' + i)
    b.getText('content').delete(0, 1)
  }
  return expected('two clients at one place', [...start, ...fromB, ...fromA])
}

const surrogates = () => {
  const a = doc(1)
  const updates = recorded(a)
  const text = a.getText('content')
  text.insert(0, 'a😀b👩‍👩‍👧c')
  text.insert(2, '|') // in the middle of the pair: Yjs writes U+FFFD on both sides
  text.insert(0, '𝕏')
  text.delete(1, 1) // the second half of a pair
  text.insert(text.length, '🇪🇺')
  return expected('surrogate pairs and their halves', updates)
}

const formatting = () => {
  const a = doc(1)
  const updates = recorded(a)
  const text = a.getText('content')
  text.insert(0, 'bold and italic, a link')
  text.format(0, 4, { bold: true })
  text.format(2, 10, { italic: true, color: '#f00' })
  text.format(19, 4, { link: { href: 'https://example.org/?a="b"', title: null, deep: [1, [2, [3.5, -4]]] } })
  text.insertEmbed(4, { image: 'cat.png', width: 3e2 })
  text.insert(8, 'loud', { bold: true, italic: null })
  text.format(0, text.length, { bold: null })
  text.delete(3, 6)
  return expected('formatting and embeds', updates)
}

const maps = () => {
  const [a, b] = [doc(1), doc(2)]
  const [updates, fromB] = [recorded(a), recorded(b)]
  const map = a.getMap('meta')
  map.set('title', 'first')
  map.set('title', 'second')
  map.set('', 0)
  map.set('gone', true)
  map.delete('gone')
  exchange(a, b)
  fromB.length = 0
  map.set('title', 'from a')
  b.getMap('meta').set('title', 'from b')
  b.getMap('meta').set('new', { nested: [undefined, null, -1.5, 2 ** 40, 'x', { y: [] }] })
  a.transact(() => { for (let i = 0; i < 5; i++) map.set('count', i) })
  return expected('maps, one key set by both', [...updates, ...fromB], { roots: { meta: 'map' } })
}

const values = () => {
  const a = doc(1)
  const updates = recorded(a)
  const array = a.getArray('list')
  array.push([null, true, false, 0, -0, 63, 64, -64, 2147483647, -2147483647, 2147483648, 1e300, 0.1, -0.5])
  array.push(['', 'text', { a: { b: { c: [undefined] } } }, [[[]]], new Uint8Array(0), { big: [9007199254740993n] }])
  array.insert(3, ['in between'])
  array.delete(5, 4)
  return expected('values of every type', updates, { roots: {} })
}

const nested = () => {
  const a = doc(1)
  const updates = recorded(a)
  const map = a.getMap('tree')
  const list = new Y.Array()
  map.set('list', list)
  const text = new Y.Text('inside')
  list.push([text, new Y.Map([['k', 1]]), 'plain'])
  text.insert(6, ' a text')
  list.get(1).set('deeper', new Y.Map([['deepest', new Y.Array()]]))
  list.delete(2)
  return expected('nested types', updates, { roots: { tree: 'map' } })
}

const collected = () => {
  const [a, b] = [doc(1), doc(2)]
  const updates = recorded(a)
  const fromB = recorded(b)
  const map = a.getMap('tree')
  const text = new Y.Text('soon gone')
  map.set('t', text)
  text.insert(4, ', very,')
  exchange(a, b)
  fromB.length = 0
  b.getMap('tree').get('t').insert(0, 'too late: ')
  map.set('t', 'replaced')
  text.insert(0, 'into a deleted type')
  const fresh = doc(4)
  const whole = [Y.encodeStateAsUpdate(a), ...fromB]
  return [
    expected('writing into a type that another deletes', [...updates, ...fromB], { roots: { tree: 'map' } }),
    expected('a garbage collected state, then a late edit', whole, { roots: { tree: 'map' } }),
    expected('nothing', [Y.encodeStateAsUpdate(fresh)], { verdicts: { 0: { novel: false } } }),
  ]
}

const xml = () => {
  const a = doc(1)
  const updates = recorded(a)
  const fragment = a.getXmlFragment('default')
  const p = new Y.XmlElement('paragraph')
  fragment.insert(0, [p, new Y.XmlElement('hr')])
  p.setAttribute('align', 'left')
  p.setAttribute('align', 'right')
  const text = new Y.XmlText()
  p.insert(0, [text])
  text.insert(0, 'rich text')
  text.format(0, 4, { strong: {} })
  fragment.delete(1)
  return expected('xml', updates, { roots: { default: 'xml' } })
}

const refused = () => {
  const [a, b] = [doc(1), doc(2)]
  const [sub, hook] = [recorded(a), recorded(b)]
  a.getMap('docs').set('one', new Y.Doc({ guid: '0d' }))
  b.getXmlFragment('default').insert(0, [new Y.XmlHook('hook')])
  const malformed = { verdicts: { 0: { verdict: 'malformed' } }, roots: {} }
  return [expected('a subdocument', sub, malformed), expected('an xml hook', hook, malformed)]
}

const deleting = () => {
  const a = doc(1)
  const updates = recorded(a)
  const text = a.getText('content')
  text.insert(0, 'abcdefghijklmnopqrstuvwxyz')
  text.delete(3, 4)
  text.delete(0, 1)
  a.transact(() => { for (let i = 0; i < 6; i++) text.delete(i + 1, 2) })
  const again = [updates[1], updates[3], updates[0]]
  const stale = { novel: false }
  const at = updates.length
  return expected('deletions, some of them sent again', [...updates, ...again], {
    verdicts: { [at]: stale, [at + 1]: stale, [at + 2]: stale },
  })
}

const undoing = () => {
  const a = doc(1)
  const updates = recorded(a)
  const text = a.getText('content')
  const meta = a.getMap('meta')
  const undo = new Y.UndoManager([text, meta], { captureTimeout: 0 })
  text.insert(0, 'keep')
  text.insert(4, ' and undo')
  text.delete(0, 2)
  for (const n of [1, 2, 3]) meta.set('n', n)
  undo.undo()
  undo.undo()
  undo.redo()
  for (let i = 0; i < 3; i++) undo.undo()
  undo.redo()
  undo.redo()
  const whole = [Y.encodeStateAsUpdate(a)]
  const roots = { content: 'text', meta: 'map' }
  return [
    expected('undo and redo', updates, { roots }),
    expected('undo and redo, as one state with what undo keeps', whole, { roots }),
  ]
}

const uncollected = () => {
  const a = doc(1, { gc: false })
  for (const n of [1, 2, 3]) a.getMap('meta').set('n', n)
  for (const c of 'abc') a.getText('content').insert(0, c)
  a.getText('content').delete(0, 2)
  const roots = { content: 'text', meta: 'map' }
  return expected('a state of a client that collects no garbage', [Y.encodeStateAsUpdate(a)], { roots })
}

const gaps = () => {
  const a = doc(1)
  const u = recorded(a)
  const text = a.getText('content')
  for (const [i, c] of [...'0123456789'].entries()) text.insert(i, c)
  text.delete(2, 3)
  const merged = Y.mergeUpdates([u[0], u[1], u[4], u[5]])
  const early = (until) => ({ verdict: 'early', until })
  return [
    expected('a merged update with a hole', [u[0], u[1], merged, u[6], u[2], u[3], ...u.slice(7)], {
      verdicts: { 2: early(5), 3: early(5) },
    }),
    expected('a merged update whose hole is filled already', [u[0], u[1], u[2], u[3], merged, ...u.slice(6)]),
    expected('updates in the wrong order', [u[1], u[10], u[0], ...u.slice(2, 10)], {
      verdicts: { 0: early(2), 1: early(10) },
    }),
  ]
}

const fragments = () => {
  const [a, b] = [doc(1), doc(2)]
  a.getText('content').insert(0, 'x'.repeat(5000))
  exchange(a, b)
  b.transact(() => { for (let i = 4999; i > 0; i--) b.getText('content').insert(i, 'y') })
  exchange(a, b)
  const updates = [Y.encodeStateAsUpdate(a)]
  const made = recorded(a)
  const undo = new Y.UndoManager(a.getText('content'))
  a.getText('content').delete(0, 9999)
  undo.undo()
  return expected('undo of thousands of deleted fragments', [...updates, ...made])
}

const manyClients = () => {
  const next = random(1000)
  const whole = doc(5)
  const text = whole.getText('content')
  for (let i = 0; i < 1000; i++) {
    whole.clientID = 1 + ((i * 2654435761) % 4294967296)
    for (let k = next(3); k >= 0; k--) text.insert(next(text.length + 1), String.fromCharCode(97 + next(26)).repeat(1 + next(4)))
    if (next(3) === 0) text.delete(next(text.length), 1)
  }
  const one = Y.encodeStateAsUpdate(whole)
  return expected('a state of a thousand clients', [one, one], { verdicts: { 1: { novel: false } } })
}

const alternating = () => {
  const a = doc(1)
  const updates = recorded(a)
  const text = a.getText('content')
  text.insert(0, 'keep drop '.repeat(1000))
  a.transact(() => { for (let i = 0; i < 5000; i++) text.delete(i, 1) })
  return [
    expected('alternating deletions', updates),
    expected('alternating deletions, as one state', [Y.encodeStateAsUpdate(a)]),
  ]
}

const paste = () => {
  const a = doc(1)
  const updates = recorded(a)
  a.getText('content').insert(0, 'All work and no play makes Jack a dull boy. 😀\n'.repeat(104858))
  a.getText('content').insert(3, '!')
  return expected('a paste of 5 MB', updates)
}

const offline = () => {
  const next = random(7)
  const [a, b] = [doc(1), doc(2)]
  a.getText('content').insert(0, 'A shared beginning. '.repeat(20))
  exchange(a, b)
  const start = Y.encodeStateAsUpdate(a)
  const made = recorded(b)
  const text = b.getText('content')
  let at = 0
  for (let i = 0; i < 6000; i++) {
    if (next(60) === 0) at = next(text.length)
    if (next(12) === 0 && at > 0) text.delete(--at, 1)
    else text.insert(at++, String.fromCharCode(97 + next(26)))
    if (i % 3000 === 0) a.getText('content').insert(next(a.getText('content').length), '(meanwhile)')
  }
  // Merged as a provider's queue would merge them: what is new onto what waits.
  const chunks = []
  for (let i = 0; i < made.length; i += 200) chunks.push(Y.mergeUpdates(made.slice(i, i + 200)))
  const merged = Y.mergeUpdates(chunks)
  const theirs = Y.encodeStateAsUpdate(a, Y.encodeStateVectorFromUpdate(start))
  return [
    expected('a week offline, keystrokes merged', [start, theirs, merged]),
    expected('a week offline, as a difference', [start, theirs, Y.diffUpdate(Y.encodeStateAsUpdate(b), Y.encodeStateVectorFromUpdate(start))]),
  ]
}

const write = (name, list) => {
  const lines = list.map((entry) => JSON.stringify(entry))
  fs.writeFileSync(new URL(name, folder), `[\n${lines.join(',\n')}\n]\n`)
  console.log(`${name}: ${list.length} entries, ${Math.round(fs.statSync(new URL(name, folder)).size / 1024)} KB`)
}

write('messages.json', messages())
write(
  'updates.json',
  [
    plainTyping, twoClients, surrogates, formatting, maps, values, nested, collected, xml, refused, deleting, undoing,
    uncollected, gaps, fragments, manyClients, alternating, paste, offline,
  ].flatMap((record) => record()),
)
