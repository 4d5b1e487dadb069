// Recorded editing sessions of real people, see README.md beside them. They are not part of the project: TRACES names
// their folder, `../shared/traces` seen from the repository's root unless told.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { REPOSITORY } from './server.mjs'

const FOLDER = path.resolve(REPOSITORY, process.env.TRACES ?? '../shared/traces')

/**
 * @typedef {[position: number, deleted: number, inserted: string]} Patch
 * @typedef {{ startContent: string, endContent: string, txns: { patches: Patch[] }[] }} Trace
 */

/**
 * The trace of that name, or null after saying loudly that there is none.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} name
 * @returns {Trace | null}
 */
export function loadTrace(t, name) {
  const file = path.join(FOLDER, `${name}.json.gz`)
  if (!existsSync(file)) {
    const message = `NOT TESTED: there is no ${file}; set TRACES to a folder with the editing traces`
    t.diagnostic(message)
    console.error(`\n*** ${message} ***\n`)
    return null
  }
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'))
}
