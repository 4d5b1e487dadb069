// The others in a document: light clients that move their carets, and one that edits. They cost the page what real people
// would, and this process little.

import { createRelativePositionFromTypeIndex, relativePositionToJSON } from 'yjs'
import { CowriteClient } from '../lib/client.mjs'
import { LightClient } from '../lib/light.mjs'
import { every } from '../lib/measure.mjs'
import { Random } from '../lib/random.mjs'

export const PEOPLE = 20
/** Each caret moves so often, and all of them in turn. */
export const MOVES_PER_SECOND = 5
export const EDITS_PER_SECOND = 5

/** So far around the place that is measured are the carets and the edits that are near: about what a page shows. */
const NEAR = 800
/** Every other caret is near, and one of so many edits. */
const NEAR_CARETS = 2
const NEAR_EDITS = 5

/** Characters of a selection. */
const SELECTED = 30

const COLORS = ['#2b63c6', '#b3412b', '#2f7d4f', '#8a4fb0', '#a06a00']

export class Crowd {
  moves = 0
  edits = 0
  #random = new Random(2)
  /** @type {LightClient[]} */
  #people = []

  /**
   * @param {import('../lib/server.mjs').Server} server
   * @param {import('./documents.mjs').Document} document
   * @param {number} place where the measured page is
   */
  constructor(server, document, place) {
    this.place = place
    this.editor = new CowriteClient(server, document.id)
    this.#people = Array.from({ length: PEOPLE }, () => new LightClient(server, document.id))
  }

  async join() {
    await this.editor.connect()
    for (const person of this.#people) await person.connect()
    // Worked out beforehand: each is a walk through the document.
    this.near = this.#places(NEAR)
    this.far = this.#places(this.editor.text.length)
    for (let n = 0; n < PEOPLE; n++) this.#move()
  }

  /** Everybody's caret moves until the function is called that this returns. */
  startCarets() {
    return every(1000 / (PEOPLE * MOVES_PER_SECOND), () => this.#move())
  }

  /** Somebody edits until the function is called that this returns. */
  startEdits() {
    return every(1000 / EDITS_PER_SECOND, () => this.#edit())
  }

  leave() {
    this.editor.disconnect()
    for (const person of this.#people) person.disconnect()
  }

  #move() {
    const n = this.moves++ % PEOPLE
    const places = (n % NEAR_CARETS === 0 ? this.near : this.far) ?? []
    const place = this.#random.pick(places)
    // Most carets are just that; some select a few words.
    const cursor = n % 5 === 0 ? place : { anchor: place.head, head: place.head }
    const color = COLORS[n % COLORS.length]
    const user = { name: `Person ${n}`, color, colorLight: `${color}33` }
    this.#people[n].aware(Math.ceil(this.moves / PEOPLE), JSON.stringify({ user, cursor }))
  }

  #edit() {
    const { text } = this.editor
    const at = this.#somewhere(this.edits++ % NEAR_EDITS === 0 ? NEAR : text.length)
    if (this.edits % 2 === 0) text.delete(Math.min(at, Math.max(0, text.length - 4)), Math.min(4, text.length))
    else text.insert(at, 'more')
  }

  /** @param {number} within */
  #places(within) {
    const { text } = this.editor
    const at = (/** @type {number} */ index) => relativePositionToJSON(createRelativePositionFromTypeIndex(text, index))
    return Array.from({ length: 100 }, () => {
      const index = this.#somewhere(within)
      return { anchor: at(index), head: at(Math.min(text.length, index + SELECTED)) }
    })
  }

  /** @param {number} within */
  #somewhere(within) {
    const { length } = this.editor.text
    return this.#random.int(Math.max(0, this.place - within), Math.min(length, this.place + within))
  }
}
