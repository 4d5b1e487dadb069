/** A finger that stays for a moment: what a pointer does with a modifier key. */
import type { Attachment } from "svelte/attachments";

const LONG_MS = 450;
/** A finger is never quite still. */
const STILL_PX = 10;

export function longPress(onlong: () => void): Attachment<HTMLElement> {
  return (element) => {
    const listening = new AbortController();
    const { signal } = listening;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    let long = false;

    const cancel = () => clearTimeout(timer);
    element.addEventListener(
      "pointerdown",
      ({ pointerType, clientX, clientY }) => {
        cancel();
        long = false;
        if (pointerType === "mouse") return;
        from = { x: clientX, y: clientY };
        timer = setTimeout(() => {
          long = true;
          onlong();
        }, LONG_MS);
      },
      { signal },
    );
    element.addEventListener(
      "pointermove",
      ({ clientX, clientY }) => {
        if (Math.hypot(clientX - from.x, clientY - from.y) > STILL_PX) cancel();
      },
      { signal },
    );
    for (const event of ["pointerup", "pointercancel", "pointerleave"] as const) {
      element.addEventListener(event, cancel, { signal });
    }
    // The click that a long press ends with is no click, and its menu is not wanted.
    element.addEventListener(
      "click",
      (event) => {
        if (!long) return;
        long = false;
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      { signal, capture: true },
    );
    element.addEventListener("contextmenu", (event) => (long || timer) && event.preventDefault(), { signal });
    return () => {
      cancel();
      listening.abort();
    };
  };
}
