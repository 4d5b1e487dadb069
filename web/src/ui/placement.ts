/** Where what a button opens stands: one place for menus, popovers and lists, so that they all behave alike. */

/** The part of a rectangle that matters, in pixels of the window. */
export interface Edges {
  top: number;
  bottom: number;
  right: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Distances from the window's edges, as the style sheet has them; the edge that is not named is free. */
export type Spot = ({ top: number } | { bottom: number }) & { right: number; maxHeight: number };

/** Between a button and its panel, and between a panel and the edge of what is seen. */
const GAP = 6;
const EDGE = 8;

/**
 * Below the button, or above it where there is no room and more above; right edges together, and on the page with all of its width.
 *
 * @param panel as large as it likes to be
 * @param seen the part of the window that nothing covers, from its top; a phone's keyboard covers some
 * @param window what `right` and `bottom` are measured from
 */
export function spotFor(button: Edges, panel: Size, seen: Size, window: Size = seen): Spot {
  const below = seen.height - button.bottom - GAP - EDGE;
  const above = button.top - GAP - EDGE;
  const left = Math.min(button.right, seen.width - EDGE) - panel.width;
  const right = window.width - Math.max(EDGE, left) - panel.width;
  return panel.height > below && above > below
    ? { bottom: window.height - button.top + GAP, right, maxHeight: above }
    : { top: button.bottom + GAP, right, maxHeight: Math.max(0, below) };
}

/** Places an open panel before it is seen, and anew whenever it or the page changes. Returns the function that ends it. */
export function keepPlaced(panel: HTMLElement, button: HTMLElement): () => void {
  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      place(panel, button);
    });
  };
  const listeners = new AbortController();
  const { signal } = listeners;
  addEventListener("resize", soon, { signal });
  addEventListener("scroll", soon, { signal });
  visualViewport?.addEventListener("resize", soon, { signal });
  const observer = new ResizeObserver(soon);
  observer.observe(panel);
  soon();
  return () => {
    listeners.abort();
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}

function place(panel: HTMLElement, button: HTMLElement) {
  const { style } = panel;
  const { clientWidth: width } = document.documentElement;
  const keyboard = visualViewport?.scale === 1 ? visualViewport.height : innerHeight;
  // Beside a button far to the left it would be squeezed, and seem to want no more.
  style.right = `${EDGE}px`;
  const border = panel.offsetHeight - panel.clientHeight;
  const wanted = { width: panel.offsetWidth, height: panel.scrollHeight + border };
  const seen = { width, height: Math.min(innerHeight, keyboard) };
  const spot = spotFor(button.getBoundingClientRect(), wanted, seen, { width, height: innerHeight });
  style.right = `${spot.right}px`;
  style.top = "top" in spot ? `${spot.top}px` : "auto";
  style.bottom = "bottom" in spot ? `${spot.bottom}px` : "auto";
  style.maxHeight = `${spot.maxHeight}px`;
}
