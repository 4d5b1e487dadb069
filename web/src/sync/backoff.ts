/** When to try again: exponential backoff with full jitter, so that a restarted server isn't stormed in step. */

/** Nobody comes back sooner than this. */
export const RETRY_FLOOR_MS = 250;

/** The ceiling of the first delay; it doubles with every further failure … */
export const RETRY_FIRST_CEILING_MS = 1_000;

/** … up to this. */
export const RETRY_LAST_CEILING_MS = 30_000;

/** A connection counts as good, and the backoff starts over, once it has been synced for this long. */
export const STABLE_AFTER_MS = 10_000;

/**
 * The delay before the next attempt, in milliseconds: uniform between the floor and the ceiling.
 *
 * @param failures attempts in a row that led to no stable connection; 0 after a stable one
 * @param random uniform in [0, 1)
 */
export function retryDelay(failures: number, random: number): number {
  const ceiling = Math.min(RETRY_LAST_CEILING_MS, RETRY_FIRST_CEILING_MS * 2 ** Math.max(0, failures - 1));
  return RETRY_FLOOR_MS + random * (ceiling - RETRY_FLOOR_MS);
}
