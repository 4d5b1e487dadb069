// The documents that a browser is measured with. Each is put onto the server through a client of the protocol, as people would
// have done it, and known by its text.

import * as Y from 'yjs'
import { CowriteClient } from '../lib/client.mjs'
import { Random } from '../lib/random.mjs'
import { loadTrace } from '../lib/traces.mjs'

/**
 * @typedef {object} Document
 * @property {string} name
 * @property {string} id
 * @property {string} text
 */

/** How the documents are made, by the names that rows have for them. */
const MAKERS = {
  empty: () => written(''),
  '100 KB': () => written(markdown(100 * 1024)),
  '1 MB': () => written(markdown(1024 * 1024)),
  trace: () => replayed('automerge-paper', 1),
  fragments: () => replayed('automerge-paper', 2),
}

/** @typedef {{ name: string, update: Uint8Array, text: string, items: number }} Prepared */

/**
 * Makes the documents, which takes seconds. One that needs a trace which is not there is left out, after saying so.
 *
 * @returns {Prepared[]}
 */
export function prepare() {
  return Object.entries(MAKERS).flatMap(([name, make]) => {
    const doc = make()
    if (!doc) return []
    const text = doc.getText('content')
    return [{ name, update: Y.encodeStateAsUpdate(doc), text: text.toString(), items: itemsOf(text) }]
  })
}

/**
 * Puts a document onto a server, under a fresh id.
 *
 * @param {import('../lib/server.mjs').Server} server
 * @param {Prepared} prepared
 * @returns {Promise<Document>}
 */
export async function put(server, { name, update, text }) {
  const { id } = await server.create({ title: name })
  const client = new CowriteClient(server, id)
  Y.applyUpdate(client.doc, update)
  await client.connect()
  await client.allSaved(60_000)
  client.disconnect()
  if ((await server.export(id)) !== text) throw new Error(`${name}: the server has another text`)
  return { name, id, text }
}

/** @param {string} text */
function written(text) {
  const doc = new Y.Doc()
  if (text) doc.getText('content').insert(0, text)
  return doc
}

/**
 * A recorded session, typed anew by so many clients in turn. By one, most of it becomes few and long items, as in any document that
 * people write. By two, no character is joined with its neighbour: it is as fragmented as a text can be.
 *
 * @param {string} name
 * @param {number} clients
 */
function replayed(name, clients) {
  const trace = loadTrace(/** @type {any} */ ({ diagnostic: () => {} }), name)
  if (!trace) return null
  const doc = new Y.Doc()
  const text = doc.getText('content')
  const first = doc.clientID
  trace.txns.forEach(({ patches }, n) => {
    doc.clientID = first + (n % clients)
    doc.transact(() => {
      for (const [position, deleted, inserted] of patches) {
        if (deleted > 0) text.delete(position, deleted)
        if (inserted) text.insert(position, inserted)
      }
    })
  })
  if (text.toString() !== trace.endContent) throw new Error(`${name} was not replayed as it was recorded`)
  return doc
}

/** @param {Y.Text} text */
function itemsOf(text) {
  let items = 0
  for (let item = text._start; item; item = item.right) items++
  return items
}

const WORDS =
  'harbour crane lantern quay bench signal morning water rope harvest window letter garden market bridge paper engine river ' +
  'winter silver northern open careful slow bright narrow carries follows remembers gathers leaves answers between under beside ' +
  'without after before towards and of the a in to with for from that when where'

/**
 * Prose as people write it in Markdown: headings, paragraphs with emphasis and links, lists, tasks, tables, quotes and code. The
 * same each time.
 *
 * @param {number} length in characters, all of them ASCII
 */
export function markdown(length) {
  const random = new Random(1)
  const words = WORDS.split(' ')
  const some = (/** @type {number} */ low, /** @type {number} */ high) =>
    Array.from({ length: random.int(low, high) }, () => random.pick(words)).join(' ')
  const span = () =>
    random.pick([
      () => `**${some(1, 3)}**`,
      () => `*${some(1, 3)}*`,
      () => `\`${some(1, 2)}\``,
      () => `[${some(1, 4)}](https://example.org/${some(1, 1)})`,
    ])()
  const sentence = () => {
    const text = some(6, 18)
    const plain = text[0].toUpperCase() + text.slice(1)
    return random.chance(0.3) ? `${plain} ${span()} ${some(2, 6)}.` : `${plain}.`
  }
  const lines = (/** @type {(n: number) => string} */ line) => Array.from({ length: random.int(3, 7) }, (_, n) => line(n)).join('\n')
  const paragraph = () => Array.from({ length: random.int(2, 7) }, sentence).join(' ')
  const blocks = [
    ...Array.from({ length: 12 }, () => paragraph),
    () => `${'#'.repeat(random.int(2, 4))} ${some(2, 6)}`,
    () => `${'#'.repeat(random.int(2, 4))} ${some(2, 6)}`,
    () => lines(() => `- ${sentence()}`),
    () => lines((n) => `${n + 1}. ${sentence()}`),
    () => lines(() => `- [${random.chance(0.5) ? 'x' : ' '}] ${some(3, 9)}`),
    () => `> ${sentence()}\n> ${sentence()}`,
    () => `| ${some(1, 1)} | ${some(1, 1)} |\n| --- | --: |\n${lines(() => `| ${some(1, 4)} | ${random.int(1, 999)} |`)}`,
    () => `\`\`\`rust\n${lines(() => `let ${some(1, 1)} = ${some(1, 1)}(${random.int(0, 99)});`)}\n\`\`\``,
  ]
  let text = `# ${some(3, 5)}\n`
  while (text.length < length) text += `\n${random.pick(blocks)()}\n`
  return `${text.slice(0, length - 1).trimEnd().padEnd(length - 1, '.')}\n`
}
