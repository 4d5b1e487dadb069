// What honest clients send, at random: `node honest.mjs FIRST_SEED DOCUMENTS STEPS` prints for each document the updates
// that reach a server, as `{ name, updates }` with hexadecimal digits. Four clients type, format, embed, nest, undo and
// redo, go offline, and come back in every way that Yjs knows.

import * as Y from 'yjs'

const [first, documents, steps] = process.argv.slice(2).map(Number)

/** A small generator of random numbers: mulberry32. */
const generator = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const tell = (seed) => {
  const random = generator(seed)
  const below = (n) => Math.floor(random() * n)
  const one = (list) => list[below(list.length)]
  const reached = []
  const server = new Y.Doc()
  server.clientID = 0
  const send = (update) => {
    reached.push(update)
    Y.applyUpdate(server, update)
  }

  const clients = [7, 3, 5000, 2 ** 40].map((id) => {
    const doc = new Y.Doc({ gc: random() < 0.8 })
    doc.clientID = id + seed % 3
    const text = doc.getText('content')
    const meta = doc.getMap('meta')
    const undo = new Y.UndoManager([text, meta], { captureTimeout: random() < 0.5 ? 0 : 500 })
    const client = { doc, text, meta, undo, outbox: [] }
    doc.on('update', (update, origin) => origin !== server && client.outbox.push(update))
    return client
  })

  /** All shared types in a document that are alive. */
  const types = ({ text, meta }) => {
    const found = []
    const visit = (type) => {
      if (!(type instanceof Y.AbstractType)) return
      found.push(type)
      if (type instanceof Y.Text) type.toDelta().forEach(({ insert }) => visit(insert))
      else if (type instanceof Y.Map) type.forEach(visit)
      else type.toArray().forEach(visit)
    }
    visit(text)
    visit(meta)
    return found
  }
  const words = () => one(['a', 'é', '😀', 'hello ', 'x'.repeat(20), '\n'])
  const value = () => one([1, -0.5, 2 ** 40, null, undefined, true, 'w', [1, { a: 2 }], new Uint8Array([1, 2])])
  const fresh = () => new (one([Y.Text, Y.Map, Y.Array, Y.XmlText, Y.XmlFragment]))()
  const node = () => (random() < 0.5 ? new Y.XmlText() : new Y.XmlElement('p'))

  const editText = (text) => {
    const at = random() < 0.4 ? text.length : below(text.length + 1)
    const len = Math.min(below(8), text.length - at)
    const how = below(10)
    if (how < 5) text.insert(at, words(), one([undefined, undefined, { bold: true }, { bold: null, em: 'x' }]))
    else if (how < 7) text.delete(at, len)
    else if (how < 8) text.format(at, len, { [one(['bold', 'em'])]: one([true, null]) })
    else if (how < 9) text.insertEmbed(at, random() < 0.5 ? { image: 1 } : fresh())
    else if (random() < 0.5) text.setAttribute(one(['k', 'l']), 1)
    else text.applyDelta([{ retain: at }, ...(len > 0 ? [{ delete: len }] : []), { insert: words() }])
  }
  const editList = (list, made) => {
    const at = below(list.length + 1)
    if (random() < 0.7) list.insert(at, Array.from({ length: 1 + below(3) }, made))
    else if (at < list.length) list.delete(at, 1 + below(Math.min(3, list.length - at)))
  }
  const editMap = (map) => {
    const key = one(['a', 'b', 'c'])
    if (random() < 0.8) map.set(key, random() < 0.5 ? value() : fresh())
    else map.delete(key)
  }
  const edit = (client) => {
    const type = random() < 0.5 ? client.text : one(types(client))
    if (type instanceof Y.Text) editText(type)
    else if (type instanceof Y.Map) editMap(type)
    else if (type instanceof Y.Array) editList(type, () => (random() < 0.6 ? value() ?? null : fresh()))
    else {
      if (type instanceof Y.XmlElement && random() < 0.3) type.setAttribute(one(['k', 'l']), 'v')
      editList(type, node)
    }
  }
  const type = ({ text }) => {
    let at = below(text.length + 1)
    for (let n = below(12); n > 0; n--) {
      const letter = words()
      text.insert(at, letter)
      at += random() < 0.2 ? 0 : letter.length
    }
  }

  const push = (client) => {
    const { doc, outbox } = client
    if (random() < 0.3) send(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server)))
    else if (random() < 0.4 && outbox.length > 0) send(Y.mergeUpdates(outbox))
    else if (random() < 0.1) send(Y.encodeStateAsUpdate(doc))
    else outbox.forEach(send)
    client.outbox = []
  }
  const pull = ({ doc }) => Y.applyUpdate(doc, Y.encodeStateAsUpdate(server, Y.encodeStateVector(doc)), server)

  for (let step = 0; step < steps; step++) {
    const client = one(clients)
    const what = below(20)
    if (what < 10) client.doc.transact(() => { for (let n = below(3); n >= 0; n--) edit(client) })
    else if (what < 13) type(client)
    else if (what < 15) client.undo.undo()
    else if (what < 16) client.undo.redo()
    else if (what < 18) push(client)
    else pull(client)
  }
  clients.forEach(push)
  return { name: `honest ${seed}`, updates: reached.map((update) => Buffer.from(update).toString('hex')) }
}

const told = Array.from({ length: documents }, (_, n) => tell(first + n))
process.stdout.write(JSON.stringify(told))
