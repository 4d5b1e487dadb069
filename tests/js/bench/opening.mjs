// What it costs to open a document: from the navigation until it is painted and synced, and the bytes that it takes.

import { gzipSync } from 'node:zlib'
import { MeasuredPage, visitor } from './page.mjs'

/**
 * @typedef {object} Opening
 * @property {number} editor_ms from the navigation to the first frame with an editor
 * @property {number} synced_ms to the whole text in the editor
 * @property {number} painted_ms to the frame that shows it
 * @property {number} cpu_ms of the main thread by then
 * @property {number} rest_cpu_ms of the main thread until all that was put off is done, the preview included
 * @property {number} heap bytes
 */

/** How a document is opened. A warm one has the app in the browser's cache; its text comes from the server all the same. */
export const OPENINGS = /** @type {const} */ ([
  { how: 'cold', warm: false, throttling: 1 },
  { how: 'warm', warm: true, throttling: 1 },
  { how: 'cold, CPU 4 times slower', warm: false, throttling: 4 },
])

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('../lib/server.mjs').Server} server
 * @param {import('./documents.mjs').Document} document
 * @param {{ warm: boolean, throttling: number, view?: string }} how
 * @returns {Promise<Opening>}
 */
export async function open(browser, server, document, { warm, throttling, view = 'source' }) {
  const context = await visitor(browser, view)
  const url = `${server.url}/d/${document.id}`
  try {
    if (warm) {
      const before = await MeasuredPage.open(context)
      await before.goto(url)
      await before.close()
    }
    const page = await MeasuredPage.open(context, { throttling })
    const { editor, synced, painted } = await page.goto(url)
    const { cpu } = await page.spent()
    if ((await page.text()) !== document.text) throw new Error(`${document.name}: the page shows another text`)
    if (page.errors.length > 0) throw new Error(page.errors.join('\n'))
    const opening = { editor_ms: editor, synced_ms: synced, painted_ms: painted, heap: await page.heap() }
    // A slowed CPU spins, which counts as if it worked.
    if (throttling > 1) return { ...opening, cpu_ms: Number.NaN, rest_cpu_ms: Number.NaN }
    await page.settle()
    return { ...opening, cpu_ms: cpu * 1000, rest_cpu_ms: (await page.spent()).cpu * 1000 }
  } finally {
    await context.close()
  }
}

/**
 * What a first visit of a document loads, as the server sends it and as gzip would.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('../lib/server.mjs').Server} server
 * @param {import('./documents.mjs').Document} document
 */
export async function weigh(browser, server, document) {
  const context = await visitor(browser, 'source')
  try {
    const page = await MeasuredPage.open(context)
    let frames = 0
    await page.cdp.send('Network.enable')
    page.cdp.on('Network.webSocketFrameReceived', ({ response }) => {
      frames += response.opcode === 2 ? Buffer.byteLength(response.payloadData, 'base64') : response.payloadData.length
    })
    const { painted } = await page.goto(`${server.url}/d/${document.id}`)
    const loaded = await page.page.evaluate((painted) => {
      const entries = /** @type {PerformanceResourceTiming[]} */ ([
        ...performance.getEntriesByType('navigation'),
        ...performance.getEntriesByType('resource'),
      ])
      return entries
        .filter(({ startTime }) => startTime < painted)
        .map(({ name, transferSize }) => ({ name, transferred: transferSize }))
    }, painted)
    const gzip = { js: 0, css: 0 }
    for (const { name } of loaded) {
      const kind = /\.(js|css)$/.exec(new URL(name).pathname)?.[1]
      if (!kind) continue
      const body = Buffer.from(await (await fetch(name)).arrayBuffer())
      gzip[/** @type {'js' | 'css'} */ (kind)] += gzipSync(body, { level: 9 }).length
    }
    return { gzip, transferred: loaded.reduce((sum, { transferred }) => sum + transferred, 0), frames }
  } finally {
    await context.close()
  }
}
