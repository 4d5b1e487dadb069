// What Cowrite costs in a browser: a real Chromium, the real server, documents from empty to a megabyte and to one without two
// characters that belong together. docs/performance.md says what is measured and what it does not say.
//
//   node bench/browser.mjs [--rounds 3] [--rows opening,typing] [--profile folder]
//
// `--profile` measures nothing: it writes a CPU profile of each thing that is done, to be opened in the developer tools.

import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { launch } from '../lib/browser.mjs'
import { REPOSITORY, Server } from '../lib/server.mjs'
import { prepare, put } from './documents.mjs'
import { OPENINGS, open, weigh } from './opening.mjs'
import { machine, median, p95, short, table, verdicts } from './report.mjs'
import { type } from './typing.mjs'

const { values: chosen } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    rows: { type: 'string', default: 'opening,typing' },
    profile: { type: 'string' },
  },
})
const rounds = Number(chosen.rounds)
const rows = chosen.rows.split(',')
const RESULTS = path.join(REPOSITORY, 'target/bench-browser')

/** Where somebody types. The first is what the others are compared with. */
const TYPINGS = /** @type {const} */ ([
  { document: 'empty', view: 'source' },
  { document: '1 MB', view: 'source' },
  { document: 'fragments', view: 'source' },
  { document: 'empty', view: 'split' },
  { document: '1 MB', view: 'split' },
  { document: 'fragments', view: 'split' },
])

const prepared = prepare()
const server = new Server(0)
const browser = await launch()
try {
  await server.start()
  console.log(`${machine(browser.version())}; medians of ${rounds} rounds.\n`)
  console.log(table(['document', 'characters', 'items'], prepared.map(({ name, text, items }) => [name, `${text.length}`, `${items}`])))
  const promises = []
  /** Every single figure. @type {Record<string, unknown>} */
  const figures = {}
  if (rows.includes('opening')) promises.push(...(await opening(figures)))
  if (rows.includes('typing')) promises.push(...(await typing(figures)))
  if (promises.length > 0) console.log(`\n${verdicts(promises)}`)
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(path.join(RESULTS, 'figures.json'), JSON.stringify(figures, null, 1))
} finally {
  await browser.close()
  await server.dispose()
}

/** @param {Record<string, unknown>} figures */
async function opening(figures) {
  const documents = []
  for (const one of prepared) documents.push(await put(server, one))
  /** @type {(string | number)[][]} */
  const lines = []
  /** @type {Record<string, number>} */
  const painted = {}
  const cases = OPENINGS.flatMap((how) =>
    documents.flatMap((document) => [
      { name: `${document.name}, ${how.how}`, document, how: { ...how, view: 'source' } },
    ]),
  )
  const split = documents.find(({ name }) => name === '1 MB')
  if (split) cases.push({ name: '1 MB, cold, split view', document: split, how: { ...OPENINGS[0], how: 'cold', view: 'split' } })
  /** @type {Record<string, import('./opening.mjs').Opening[]>} */
  const all = {}
  for (let round = 0; round < rounds; round++) {
    for (const { name, document, how } of cases) {
      all[name] ??= []
      all[name].push(await open(browser, server, document, how))
    }
  }
  for (const { name } of cases) {
    const of = (/** @type {keyof import('./opening.mjs').Opening} */ key) => median(all[name].map((one) => one[key]))
    painted[name] = of('painted_ms')
    lines.push([name, of('editor_ms'), of('synced_ms'), of('painted_ms'), of('cpu_ms'), of('rest_cpu_ms'), of('heap') / 2 ** 20])
  }
  figures.opening = all
  console.log(`\n${table(['opened', 'editor, ms', 'synced, ms', 'painted, ms', 'CPU by then, ms', 'until it rests', 'heap, MB'], lines)}`)

  const weights = []
  /** Of the first document: later ones are there so late that what is loaded afterwards has begun. @type {{ js: number, css: number } | undefined} */
  let initial
  for (const document of documents) {
    const { gzip, transferred, frames } = await weigh(browser, server, document)
    initial ??= gzip
    weights.push([document.name, transferred / 1024, frames / 1024, gzip.js / 1024, gzip.css / 1024])
  }
  figures.weights = weights
  console.log(
    `\n${table(['first visit', 'app as it is sent, KB', 'document, KB', 'JavaScript as gzip, KB', 'CSS as gzip, KB'], weights)}`,
  )
  return [
    { what: 'initial JavaScript, gzip', measured: (initial?.js ?? Number.NaN) / 1024, bound: 190, unit: 'KB' },
    { what: 'CSS, gzip', measured: (initial?.css ?? Number.NaN) / 1024, bound: 15, unit: 'KB' },
    { what: 'navigation to a painted editor, empty', measured: painted['empty, cold'], bound: 700, unit: 'ms' },
    {
      what: 'the same with a CPU 4 times slower',
      measured: painted['empty, cold, CPU 4 times slower'],
      bound: 1500,
      unit: 'ms',
    },
    { what: 'opening 1 MB', measured: painted['1 MB, cold'], bound: 500, unit: 'ms' },
  ]
}

/** @param {Record<string, unknown>} figures */
async function typing(figures) {
  /** @type {Record<string, import('./typing.mjs').Typing[]>} */
  const all = {}
  const nameOf = (/** @type {{ document: string, view: string }} */ { document, view }) =>
    `${document}, ${view === 'split' ? 'split view' : 'source'}`
  for (let round = 0; round < (chosen.profile ? 1 : rounds); round++) {
    for (const row of TYPINGS) {
      // Fresh ones: what is typed stays, and the next round must measure the same.
      const one = prepared.find(({ name }) => name === row.document)
      if (!one) continue
      const document = await put(server, one)
      const profiled = chosen.profile ? writeProfiles(chosen.profile, nameOf(row)) : undefined
      const name = nameOf(row)
      all[name] ??= []
      all[name].push(await type(browser, server, document, row.view, profiled))
    }
  }
  figures.typing = all
  const names = Object.keys(all)
  /** @param {string} name @param {(one: import('./typing.mjs').Typing) => number} key */
  const of = (name, key) => median(all[name].map(key))
  /** @param {string} name @param {(one: import('./typing.mjs').Typing) => number[]} key */
  const pool = (name, key) => all[name].flatMap(key)
  const key = (/** @type {string} */ name) => of(name, (one) => one.key_ms)
  const crowded = (/** @type {string} */ name) => of(name, (one) => one.crowded_key_ms)
  const ratio = (/** @type {string} */ name) => `${short(crowded(name) / crowded(names[0]))}×`
  console.log(
    `\n${table(
      ['typing in', 'CPU per key alone, ms', 'in scripts', 'in layout', 'CPU per key among 20, ms', 'to the first', 'per remote edit, ms', 'per caret moved, ms', 'heap, MB'],
      names.map((name) => [
        name,
        key(name),
        of(name, (one) => one.script_ms),
        of(name, (one) => one.layout_ms),
        crowded(name),
        ratio(name),
        of(name, (one) => one.edit_ms),
        of(name, (one) => one.caret_ms),
        of(name, (one) => one.heap) / 2 ** 20,
      ]),
    )}`,
  )
  console.log(
    `\n${table(
      ['key to frame in', 'alone p50, ms', 'alone p95', 'among 20 p50, ms', 'p95', 'p95 to the first', 'tasks over 50 ms, in 60 keys', 'the longest, ms'],
      names.map((name) => {
        const frames = pool(name, (one) => one.frames)
        const alone = pool(name, (one) => one.alone_frames)
        const long = pool(name, (one) => one.longTasks)
        return [
          name,
          median(alone),
          p95(alone),
          median(frames),
          p95(frames),
          `${short(p95(frames) / p95(pool(names[0], (one) => one.frames)))}×`,
          long.length / all[name].length,
          Math.max(0, ...long),
        ]
      }),
    )}`,
  )
  /** @param {string} name @param {(name: string) => number} measured @param {number} bound @param {string} what */
  const promise = (name, measured, bound, what) =>
    all[name] ? [{ what: `${what}, ${name}`, measured: measured(name), bound, unit: 'ms' }] : []
  const frame = (/** @type {string} */ name) => p95(pool(name, (one) => one.frames))
  return [
    ...promise('1 MB, source', crowded, 30, 'main-thread CPU per key among 20'),
    ...promise('1 MB, split view', crowded, 30, 'main-thread CPU per key among 20'),
    ...promise('1 MB, source', frame, 50, 'key to frame p95 among 20'),
    ...promise('1 MB, split view', frame, 50, 'key to frame p95 among 20'),
    ...promise('fragments, source', frame, 150, 'key to frame p95 among 20'),
    ...promise('fragments, split view', frame, 150, 'key to frame p95 among 20'),
  ]
}

/** @param {string} folder @param {string} row */
function writeProfiles(folder, row) {
  mkdirSync(folder, { recursive: true })
  return async (
    /** @type {import('./page.mjs').MeasuredPage} */ page,
    /** @type {string} */ name,
    /** @type {() => Promise<unknown>} */ act,
  ) => {
    const profile = await page.profile(act)
    writeFileSync(path.join(folder, `${row}, ${name}.cpuprofile`), JSON.stringify(profile))
  }
}
