// What Lighthouse says of the app on a phone: its own mobile settings (a CPU 4 times slower, a line of 1.6 Mbit/s and 150 ms), a real
// server, a start with documents and a document with text.
//
//   node run.mjs [--runs 3]
//
// Performance is the median of the runs; accessibility is the same each time.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import lighthouse from 'lighthouse'
import { FLAGS } from '../lib/browser.mjs'
import { REPOSITORY, Server } from '../lib/server.mjs'
import { until } from '../lib/until.mjs'
import { median, table, verdicts } from '../bench/report.mjs'

const { values: chosen } = parseArgs({ options: { runs: { type: 'string', default: '3' } } })
const RESULTS = path.join(REPOSITORY, 'target/bench-browser')
/** What Lighthouse's mobile settings divide the CPU's speed by. */
const SLOWER = 4
const METRICS = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'speed-index']

const profile = mkdtempSync(path.join(os.tmpdir(), 'cowrite-lighthouse-'))
const server = new Server(0)
const browser = spawn(
  process.env.CHROMIUM ?? '/usr/bin/chromium',
  ['--headless', ...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
  { stdio: ['ignore', 'ignore', 'pipe'] },
)
let said = ''
browser.stderr.setEncoding('utf8').on('data', (chunk) => (said += chunk))
try {
  await server.start()
  await until('the browser says where it listens', () => /DevTools listening on ws:\/\/[^:]+:\d+/.test(said))
  const port = Number(/DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said)?.[1])
  const text = `# A plan\n\n${'Some words of a plan that people write together. '.repeat(20)}\n\n- [ ] one\n- [x] two\n`
  const { id } = await server.create({ title: 'A plan', text })
  for (let n = 0; n < 20; n++) await server.create({ title: `Notes ${n}`, text })
  mkdirSync(RESULTS, { recursive: true })

  const lines = []
  const promises = []
  const benchmarks = []
  for (const [name, address] of [['start', '/'], ['document', `/d/${id}`]]) {
    const runs = []
    for (let run = 0; run < Number(chosen.runs); run++) {
      const result = await lighthouse(server.url + address, { port, output: 'html', onlyCategories: ['performance', 'accessibility'] })
      if (!result) throw new Error('Lighthouse said nothing')
      writeFileSync(path.join(RESULTS, `lighthouse-${name}.html`), String(result.report))
      runs.push(result.lhr)
      benchmarks.push(result.lhr.environment.benchmarkIndex)
      for (const { id, score, title } of Object.values(result.lhr.audits)) {
        if (run === 0 && score !== null && score < 0.9 && !METRICS.includes(id)) console.log(`${name}: ${title} (${id}: ${score})`)
      }
    }
    const score = (/** @type {string} */ of) => median(runs.map(({ categories }) => (categories[of].score ?? Number.NaN) * 100))
    lines.push([name, score('performance'), score('accessibility'), ...METRICS.map((metric) => median(runs.map(({ audits }) => audits[metric].numericValue ?? Number.NaN)))])
    promises.push({ what: `Lighthouse, performance, ${name}`, measured: 100 - score('performance'), bound: 5, unit: 'points lost' })
    promises.push({ what: `Lighthouse, accessibility, ${name}`, measured: 100 - score('accessibility'), bound: 0, unit: 'points lost' })
  }
  console.log(`\nThe machine, by Lighthouse's own measure: ${median(benchmarks)}. Its CPU is taken for ${SLOWER} times that of a phone, whatever it is.`)
  console.log(`\n${table(['page', 'performance', 'accessibility', ...METRICS], lines)}`)
  console.log(`\n${verdicts(promises)}`)
} finally {
  const ended = once(browser, 'exit')
  browser.kill()
  await ended
  await server.dispose()
  rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}
