// Waiting for something to become true, never for time to pass.

/**
 * Poll `condition` until it returns something truthy, and return that. A condition may throw while things settle (an
 * assertion, a refused connection): its last error is told when the deadline passes.
 *
 * @template T
 * @param {string} what finishes the sentence "timed out waiting until …"
 * @param {() => T | Promise<T>} condition
 * @param {{ within_ms?: number, every_ms?: number }} [options]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, condition, { within_ms = 20_000, every_ms = 20 } = {}) {
  const deadline = performance.now() + within_ms
  for (;;) {
    let error
    try {
      const value = await condition()
      if (value) return /** @type {NonNullable<T>} */ (value)
    } catch (e) {
      error = e
    }
    if (performance.now() > deadline) {
      const last = error instanceof Error ? `; the last try said: ${error.message}` : ''
      throw new Error(`timed out after ${within_ms} ms waiting until ${what}${last}`)
    }
    await sleep(every_ms)
  }
}

/**
 * The promise's value, or an error once the deadline has passed.
 *
 * @template T
 * @param {string} what
 * @param {Promise<T>} promise
 * @param {number} [within_ms]
 * @returns {Promise<T>}
 */
export async function within(what, promise, within_ms = 20_000) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out after ${within_ms} ms waiting for ${what}`)), within_ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** For what time itself is the subject of: the length of an outage, a person's pace. */
export const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms))
