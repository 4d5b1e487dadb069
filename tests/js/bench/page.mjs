// A page that is measured: what its main thread spends, when it has painted what, how long a key takes to become a frame.

import { sleep, until } from '../lib/until.mjs'

/** A page rests when it spent less than a 25th of this time. */
const RESTS_MS = 500

const SIZE = { width: 1280, height: 800 }

/**
 * Seconds of the main thread's own CPU time, not of the clock: what else the machine does hardly shows in them.
 *
 * @typedef {{ cpu: number, script: number, layout: number, style: number, heap: number }} Spent
 */

export class MeasuredPage {
  /**
   * A page in a browser context. Whoever wants an empty cache gives a fresh one.
   *
   * @param {import('playwright-core').BrowserContext} context
   * @param {{ throttling?: number }} [options] `throttling`: so many times slower than it is
   */
  static async open(context, { throttling = 1 } = {}) {
    const page = await context.newPage()
    await page.addInitScript(observe)
    const cdp = await context.newCDPSession(page)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    if (throttling > 1) await cdp.send('Emulation.setCPUThrottlingRate', { rate: throttling })
    return new MeasuredPage(page, cdp)
  }

  /** @param {import('playwright-core').Page} page @param {import('playwright-core').CDPSession} cdp */
  constructor(page, cdp) {
    this.page = page
    this.cdp = cdp
    /** @type {string[]} */
    this.errors = []
    page.on('pageerror', (error) => this.errors.push(String(error.stack ?? error)))
  }

  /**
   * Open a document and wait until all of its text is there and the part in view is painted.
   *
   * @param {string} url
   * @returns {Promise<{ editor: number, synced: number, painted: number }>} milliseconds since the navigation began
   */
  async goto(url) {
    await this.page.goto(url, { waitUntil: 'commit' })
    const { page } = this
    return until('the document is painted', () => page.evaluate(() => /** @type {any} */ (window).__painted), {
      within_ms: 60_000,
      every_ms: 50,
    })
  }

  /** @returns {Promise<Spent>} since the page's process began */
  async spent() {
    const { metrics } = await this.cdp.send('Performance.getMetrics')
    const value = (/** @type {string} */ name) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
    return {
      cpu: value('ThreadTime'),
      script: value('ScriptDuration'),
      layout: value('LayoutDuration'),
      style: value('RecalcStyleDuration'),
      heap: value('JSHeapUsedSize'),
    }
  }

  /**
   * What the main thread spends while something is done.
   *
   * @param {() => Promise<unknown>} act
   * @returns {Promise<Spent>}
   */
  async spentOn(act) {
    const before = await this.spent()
    await act()
    const after = await this.spent()
    return /** @type {Spent} */ (
      Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[/** @type {keyof Spent} */ (name)]]))
    )
  }

  /** Wait until all that is put off until the page is idle (parsing ahead, rendering the preview) is done. */
  settle() {
    return until('the page rests', async () => (await this.spentOn(() => sleep(RESTS_MS))).cpu < RESTS_MS * 0.00004, {
      within_ms: 60_000,
      every_ms: 0,
    })
  }

  /** Bytes of live objects on the JavaScript heap. */
  async heap() {
    await this.cdp.send('HeapProfiler.collectGarbage')
    return (await this.spent()).heap
  }

  /** Put the caret at an offset, in the middle of the view. @param {number} offset */
  async caretAt(offset) {
    await this.page.evaluate((offset) => {
      const content = /** @type {any} */ (document.querySelector('.cm-content'))
      const { view } = content.cmTile.root
      view.focus()
      view.dispatch({ selection: { anchor: offset } })
      const top = view.lineBlockAt(offset).top - view.scrollDOM.clientHeight / 2
      view.scrollDOM.scrollTop = Math.max(0, top)
    }, offset)
  }

  /** The whole document as the editor holds it. */
  text() {
    return this.page.evaluate(() => {
      const content = /** @type {any} */ (document.querySelector('.cm-content'))
      return /** @type {string} */ (content.cmTile.root.view.state.doc.toString())
    })
  }

  /**
   * Milliseconds from each key that was pressed since the last call until the frame that shows it was done, and how many tasks of
   * 50 ms and more there were.
   *
   * @returns {Promise<{ frames: number[], longTasks: number[] }>}
   */
  seen() {
    return this.page.evaluate(() => {
      const { __frames: frames, __longTasks: longTasks } = /** @type {any} */ (window)
      return { frames: frames.splice(0), longTasks: longTasks.splice(0) }
    })
  }

  /**
   * The functions that took most of the time, their own without that of what they called.
   *
   * @param {() => Promise<unknown>} act
   */
  async profile(act) {
    await this.cdp.send('Profiler.enable')
    await this.cdp.send('Profiler.setSamplingInterval', { interval: 200 })
    await this.cdp.send('Profiler.start')
    await act()
    const { profile } = await this.cdp.send('Profiler.stop')
    return profile
  }

  close() {
    return this.page.close()
  }
}

/** A browser context as a visitor has it, with a view remembered. @param {import('playwright-core').Browser} browser @param {string} view */
export async function visitor(browser, view) {
  const context = await browser.newContext({ viewport: SIZE })
  await context.addInitScript((view) => localStorage.setItem('cowrite.view', view), view)
  return context
}

/** Runs in the page before anything else. */
function observe() {
  const state = /** @type {any} */ (window)
  /** @type {{ editor?: number, synced?: number, painted?: number }} */
  const at = {}
  /** Calls back when the frame that comes next has been painted. @param {(now: number) => void} then */
  const afterFrame = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => then(performance.now())
      port2.postMessage(0)
    })
  const watching = new MutationObserver(() => {
    if (at.editor === undefined && document.querySelector('.cm-content')) {
      at.editor = Number.NaN
      afterFrame((now) => (at.editor = now))
    }
    if (at.synced === undefined && document.querySelector('[data-testid="pill"][data-status="synced"]')) {
      at.synced = performance.now()
      watching.disconnect()
      afterFrame((now) => {
        at.painted = now
        state.__painted = at
      })
    }
  })
  watching.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-status'] })

  /** @type {number[]} */
  state.__frames = []
  addEventListener('keydown', ({ timeStamp }) => afterFrame((now) => state.__frames.push(now - timeStamp)), true)
  /** @type {number[]} */
  state.__longTasks = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) state.__longTasks.push(duration)
  }).observe({ type: 'longtask' })
}
