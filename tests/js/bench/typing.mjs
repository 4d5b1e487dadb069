// What it costs to type, and to see others type: the main thread's CPU time for each key, remote edit and caret that moves, and
// how long a key takes to become a frame.

import { sleep, until } from '../lib/until.mjs'
import { Crowd } from './crowd.mjs'
import { MeasuredPage, visitor } from './page.mjs'

const KEYS = 60
const BETWEEN_KEYS_MS = 100
const WATCHED_MS = 4000
const TYPED = 'words that somebody writes '

/**
 * @typedef {object} Typing
 * @property {number} key_ms CPU for each key, while nobody else is there
 * @property {number} script_ms of it in scripts
 * @property {number} layout_ms of it in style and layout
 * @property {number} crowded_key_ms CPU for each key among the others, with all that they cost meanwhile
 * @property {number} caret_ms CPU for each caret that moves
 * @property {number} edit_ms CPU for each remote edit
 * @property {number[]} alone_frames milliseconds from each key to its frame, while nobody else is there
 * @property {number[]} frames the same among the others
 * @property {number[]} longTasks milliseconds of each task of 50 ms and more while typing among the others
 * @property {number} heap bytes
 */

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('../lib/server.mjs').Server} server
 * @param {import('./documents.mjs').Document} document
 * @param {string} view
 * @param {(page: MeasuredPage, name: string, act: () => Promise<unknown>) => Promise<void>} [profiled] what to do in place of measuring
 * @returns {Promise<Typing>}
 */
export async function type(browser, server, document, view, profiled) {
  const context = await visitor(browser, view)
  const page = await MeasuredPage.open(context)
  await page.goto(`${server.url}/d/${document.id}`)
  const length = (await page.text()).length
  const place = Math.floor(length / 2)
  await page.caretAt(place)
  await page.settle()
  const crowd = new Crowd(server, document, place)
  const spentOn = async (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ act) => {
    if (profiled) await profiled(page, name, act)
    return page.spentOn(act)
  }
  try {
    const resting = await spentOn('rest', () => sleep(WATCHED_MS))
    const rest_per_ms = resting.cpu / WATCHED_MS
    const net = (/** @type {import('./page.mjs').Spent} */ spent, /** @type {number} */ ms) => (spent.cpu - rest_per_ms * ms) * 1000

    await page.seen()
    const alone = await spentOn('keys', () => keys(page))
    const { frames: alone_frames } = await page.seen()

    await crowd.join()
    await until('the others show', () => page.page.locator('.cm-peer-caret').count())
    await page.settle()
    crowd.moves = 0
    const carets = await spentOn('carets', () => during([crowd.startCarets()]))
    const { moves } = crowd
    crowd.edits = 0
    const edits = await spentOn('edits', () => during([crowd.startEdits()]))
    const edited = crowd.edits

    await page.seen()
    const stop = [crowd.startCarets(), crowd.startEdits()]
    const crowded = await spentOn('crowded keys', () => keys(page))
    for (const end of stop) end()
    const { frames, longTasks } = await page.seen()
    await agree(page, crowd)
    return {
      key_ms: (alone.cpu * 1000) / KEYS,
      script_ms: (alone.script * 1000) / KEYS,
      layout_ms: ((alone.layout + alone.style) * 1000) / KEYS,
      crowded_key_ms: (crowded.cpu * 1000) / KEYS,
      caret_ms: net(carets, WATCHED_MS) / moves,
      edit_ms: net(edits, WATCHED_MS) / edited,
      alone_frames,
      frames,
      longTasks,
      heap: await page.heap(),
    }
  } finally {
    crowd.leave()
    await context.close()
  }
}

/** @param {MeasuredPage} page */
async function keys(page) {
  const started = performance.now()
  for (let n = 0; n < KEYS; n++) {
    const key = TYPED[n % TYPED.length]
    await page.page.keyboard.press(key === ' ' ? 'Space' : key)
    await sleep(started + (n + 1) * BETWEEN_KEYS_MS - performance.now())
  }
}

/** @param {(() => void)[]} stop */
async function during(stop) {
  await sleep(WATCHED_MS)
  for (const end of stop) end()
}

/** The page and the others end up with the same text, and no key was lost. @param {MeasuredPage} page @param {Crowd} crowd */
async function agree(page, crowd) {
  await until('all have the same text', async () => (await page.text()) === crowd.editor.text.toString(), { every_ms: 200 })
  if (page.errors.length > 0) throw new Error(page.errors.join('\n'))
}
