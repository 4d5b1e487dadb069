// Secrets that are known to the test, and a search for them in whatever somebody else may read.

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Characters of a long secret that give it away: a log that cuts lines off still shows its beginning. */
const TELLING = 16

/** Characters of a token before its secret part: its prefix and its id, which lists show. */
const PUBLIC = 'cws_'.length + 11

export class Canaries {
  /** What each one is called and how it may look, by itself. @type {Map<string, { name: string, forms: [string, string][] }>} */
  #kept = new Map()
  /** Everything that was found somewhere. @type {string[]} */
  leaks = []

  /**
   * From here on this is not to be seen. Returns it.
   *
   * @param {string} name
   * @param {string} secret
   */
  keep(name, secret) {
    this.#kept.set(secret, { name, forms: forms(secret) })
    return secret
  }

  get count() {
    return this.#kept.size
  }

  /**
   * Look for every secret in something, and note those that are there.
   *
   * @param {string} where
   * @param {string | Buffer} seen
   * @param {string[]} [handedOut] secrets that are meant to be there
   */
  search(where, seen, handedOut = []) {
    const text = Buffer.isBuffer(seen) ? seen.toString('latin1') : Buffer.from(seen).toString('latin1')
    for (const [secret, { name, forms }] of this.#kept) {
      if (handedOut.includes(secret)) continue
      const form = forms.find(([, form]) => text.includes(form))
      if (form) this.leaks.push(`${name}, ${form[0]}, in ${where}: ${around(text, form[1])}`)
    }
  }

  /** The same in every file of a folder. @param {string} where @param {string} folder */
  searchFolder(where, folder) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name)
      if (entry.isFile()) this.search(`${where}: ${path.relative(folder, file)}`, readFileSync(file))
    }
  }
}

/**
 * How a secret may look where it leaked, as Latin-1 text, and what to call that.
 *
 * @param {string} secret
 * @returns {[string, string][]}
 */
function forms(secret) {
  const parts = /^cw[sli]_/.test(secret) ? [secret.slice(PUBLIC)] : secret.split('.')
  return parts.flatMap((part) => {
    const bytes = Buffer.from(part)
    /** @type {[string, string][]} */
    const found = [
      ['as it is', bytes.toString('latin1')],
      ['cut off', bytes.toString('latin1').slice(0, Math.max(TELLING, 8))],
      ['as JSON', JSON.stringify(part).slice(1, -1)],
      ['as Rust shows texts', part.replace(/["\\]/g, '\\$&')],
      ['percent-encoded', encodeURIComponent(part)],
      ['percent-encoded', encodeURIComponent(part).replace(/%../g, (code) => code.toLowerCase())],
      ['in hexadecimal', bytes.toString('hex')],
      ['in hexadecimal', bytes.toString('hex').toUpperCase()],
      ['as numbers', [...bytes].join(', ')],
      ['as numbers', [...bytes].join(',')],
      ...bases(bytes),
    ]
    // The bytes that a token stands for.
    if (part !== secret) found.push(...bases(Buffer.from(part, 'base64url')), ['as bytes', decoded(part)])
    return unlike(found)
  })
}

/** Each once, and none that stands somewhere by chance. @param {[string, string][]} found */
function unlike(found) {
  const whole = new Map(found.toReversed().map(([name, form]) => [form, name]))
  return [...whole].filter(([form]) => form.length >= 8).map(([form, name]) => /** @type {[string, string]} */ ([name, form]))
}

/** In base64 wherever it may begin in what is encoded, without the characters that its neighbours have a part in. @param {Buffer} bytes */
function bases(bytes) {
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
    const length = whole.length - (whole.length % 3)
    const skipped = before === 0 ? 0 : 4
    return /** @type {const} */ (['base64', 'base64url']).map(
      (encoding) => /** @type {[string, string]} */ (['in base64', whole.subarray(0, length).toString(encoding).slice(skipped)]),
    )
  })
}

/** @param {string} part */
function decoded(part) {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.length >= TELLING ? bytes.toString('latin1').slice(1, -1) : ''
}

/** @param {string} text @param {string} form */
function around(text, form) {
  const at = text.indexOf(form)
  return JSON.stringify(text.slice(Math.max(0, at - 100), at + form.length + 20))
}
