/** Waiting until the server has all that was written here. */
import type { OpenDocument } from "./document.svelte";

/** Whether it has, once it has or the time is over. */
export function settled(document: OpenDocument, within_ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = $effect.root(() => {
      $effect(() => {
        if (document.delivered) finish(true);
      });
    });
    const timer = Number.isFinite(within_ms) ? setTimeout(() => finish(false), within_ms) : undefined;

    function finish(done: boolean) {
      clearTimeout(timer);
      // The effect may be what finishes it.
      queueMicrotask(stop);
      resolve(done);
    }
  });
}
