// What a machine can say of a page's accessibility: axe-core, on the page as it stands.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What counts. The lesser ones are advice. */
const COUNTED = ['serious', 'critical']

/**
 * The serious and critical violations on a page, a line each.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function violations(page) {
  await page.evaluate(SOURCE)
  const found = await page.evaluate(async () => {
    const axe = /** @type {any} */ (window).axe
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    return violations.map((/** @type {any} */ { id, impact, nodes }) => ({
      id,
      impact,
      where: nodes.map((/** @type {any} */ { target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
    }))
  })
  return found
    .filter((/** @type {any} */ { impact }) => COUNTED.includes(impact))
    .map((/** @type {any} */ { id, impact, where }) => `${id} (${impact}) at ${where.slice(0, 4).join('; ').replaceAll(/\s+/g, ' ')}`)
}
