// Randomness that can be replayed: every random test prints its seed, and SEED=n runs that one again.

/**
 * The seeds to run: the one named by `SEED`, or `count` fresh ones.
 *
 * @param {number} count
 * @returns {number[]}
 */
export function seeds(count) {
  if (process.env.SEED) return [Number(process.env.SEED) >>> 0]
  return Array.from({ length: count }, () => (Math.random() * 2 ** 32) >>> 0)
}

/** A small seeded generator (mulberry32). */
export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed >>> 0
  }

  /** A number from 0 to 1, 1 excluded. */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /**
   * A whole number from `low` to `high`, both included.
   *
   * @param {number} low
   * @param {number} high
   */
  int(low, high) {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability
  }

  /**
   * @template T
   * @param {readonly T[]} items
   * @returns {T}
   */
  pick(items) {
    return items[this.int(0, items.length - 1)]
  }
}
