// Numbers of a server under load.

/**
 * The value below which `share` of them lie.
 *
 * @param {number[]} values
 * @param {number} share
 */
export function percentile(values, share) {
  if (values.length === 0) throw new Error('nothing was measured')
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** Below this a latency is called the same, whatever the ratio: a busy machine alone makes twice of little. */
const NOISE_MS = 10

/**
 * What became of a latency. Each side is measured in several rounds, and the median of their 99th percentiles counts: what
 * else the machine did in one of them is not the server's doing.
 *
 * @param {number[][]} before
 * @param {number[][]} during
 */
export function compare(before, during) {
  const p99 = (/** @type {number[][]} */ rounds) => percentile(rounds.map((round) => percentile(round, 0.99)), 0.5)
  const [quiet, loaded] = [p99(before), p99(during)]
  const each = (/** @type {number[][]} */ rounds) => rounds.map((round) => percentile(round, 0.99).toFixed(1)).join(' ')
  return {
    ratio: loaded / Math.max(quiet, NOISE_MS),
    toString: () =>
      `p99 ${quiet.toFixed(1)} ms before, ${loaded.toFixed(1)} ms during (medians of ${before.length} and ${during.length} ` +
      `rounds: ${each(before)} and ${each(during)}), p50 ${percentile(before.flat(), 0.5).toFixed(1)} and ` +
      `${percentile(during.flat(), 0.5).toFixed(1)} ms`,
  }
}

/**
 * The server's metrics by name, labels included.
 *
 * @param {import('./server.mjs').Server} server
 * @returns {Promise<Record<string, number>>} 0 for what was not counted yet
 */
export async function metrics(server) {
  const text = await (await server.fetch('/metrics')).text()
  const samples = text.split('\n').filter((line) => line && !line.startsWith('#'))
  const known = Object.fromEntries(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').pop())]))
  return new Proxy(known, { get: (values, name) => values[String(name)] ?? 0 })
}

/**
 * Run `act` every so often, `every_ms` apart, until it is stopped. A late timer is made up for, so the rate holds.
 *
 * @param {number} every_ms
 * @param {() => void} act
 * @returns {() => void} stops it
 */
export function every(every_ms, act) {
  let next = performance.now()
  const timer = setInterval(() => {
    for (; next <= performance.now(); next += every_ms) act()
  }, every_ms)
  return () => clearInterval(timer)
}

/** The number that an environment variable sets, or else `usual`. */
export const size = (/** @type {string} */ name, /** @type {number} */ usual) => Number(process.env[name] ?? usual)
