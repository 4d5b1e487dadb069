// Figures as a person reads them: tables in Markdown, and whether what is promised holds.

import os from 'node:os'
import { percentile } from '../lib/measure.mjs'

export const median = (/** @type {number[]} */ values) => percentile(values, 0.5)
export const p95 = (/** @type {number[]} */ values) => percentile(values, 0.95)

/** The machine, in a line. @param {string} browser */
export function machine(browser) {
  const [cpu] = os.cpus()
  const load = os.loadavg()[0].toFixed(2)
  return `${os.cpus().length} cores of ${cpu.model}, ${Math.round(os.totalmem() / 2 ** 30)} GB of memory, Linux ${os.release()}, load ${load} before it began; Chromium ${browser}, headless, without a GPU`
}

/** Three digits that matter. @param {number} value */
export function short(value) {
  if (!Number.isFinite(value)) return ''
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/**
 * @param {string[]} head
 * @param {(string | number)[][]} rows numbers are shortened
 */
export function table(head, rows) {
  const line = (/** @type {(string | number)[]} */ cells) =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? short(cell) : cell)).join(' | ')} |`
  const numeric = head.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  return [line(head), `|${numeric.map((right) => (right ? '---:' : '---')).join('|')}|`, ...rows.map(line)].join('\n')
}

/** @typedef {{ what: string, measured: number, bound: number, unit: string }} Promise_ */

/** @param {Promise_[]} promises */
export function verdicts(promises) {
  return table(
    ['promised', 'measured', 'must', 'holds'],
    promises.map(({ what, measured, bound, unit }) => [
      what,
      `${short(measured)} ${unit}`,
      `≤ ${bound} ${unit}`,
      measured <= bound ? 'yes' : '**no**',
    ]),
  )
}
