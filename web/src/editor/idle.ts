/** Work in the browser's idle time, which gives way to the page and is not put off for ever. */

/** Work gives way to the page after this long. */
const SLICE_MS = 8;
/** With steady typing the idle time may never come; work is this late at most. */
const LATEST_MS = 300;

/**
 * Calls back in idle time with the moment to stop at, in `performance.now()`'s milliseconds.
 *
 * @param after_ms what has to pass before
 * @returns the function that calls it off
 */
export function whenIdle(run: (deadline: number) => void, after_ms = 0): () => void {
  if (after_ms > 0) {
    let callOff = () => clearTimeout(timer);
    const timer = setTimeout(() => (callOff = whenIdle(run)), after_ms);
    return () => callOff();
  }
  // Safari has no idle callbacks.
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(() => run(performance.now() + SLICE_MS), 60);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(
    (idle) => run(performance.now() + Math.max(SLICE_MS, idle.timeRemaining())),
    { timeout: LATEST_MS },
  );
  return () => cancelIdleCallback(handle);
}
