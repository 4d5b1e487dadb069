/** How long what is deleted can be had back. Pure. */

/** The server's `TRASH_FOR` (`src/limits.rs`). */
export const TRASH_DAYS = 30;

const DAY_MS = 86_400_000;

/** Whole days until a document is gone for good, begun ones too; 0 when its time is over. */
export function daysLeft(trashed_ms: number, now_ms: number): number {
  const left_ms = trashed_ms + TRASH_DAYS * DAY_MS - now_ms;
  // A clock a little behind the server's is no reason for more days than there are.
  return Math.min(TRASH_DAYS, Math.max(0, Math.ceil(left_ms / DAY_MS)));
}
