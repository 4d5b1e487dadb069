/** Follows a place in the text with the view: calmly, and only when it is about to leave what is seen. */
import type { EditorView } from "@codemirror/view";
import { peerOffset, pointOut } from "./peers";

/** What the text is shown on. */
export interface Stage {
  view: EditorView;
  /** Brings a place in the source into sight at once. */
  reveal: (offset: number) => void;
  /** Holds the editor and the preview. */
  panes: HTMLElement;
}

/** Goes to the first of `clients` that has a caret in the text and shows its name; false when none has. */
export function jumpTo({ view, reveal }: Stage, clients: readonly number[]): boolean {
  for (const client of clients) {
    const offset = peerOffset(view, client);
    if (offset === null) continue;
    view.scrollDOM.dispatchEvent(new Event("lead"));
    reveal(offset);
    pointOut(view, client);
    return true;
  }
  return false;
}

/** What is seen of something that scrolls, and what is to be seen of it; in pixels of its content. */
export interface Scene {
  /** How far it is scrolled, or is about to be. */
  scrolled: number;
  height: number;
  place: { top: number; bottom: number };
}

/** Within these parts of the height a place may move without the view following it. */
const CALM_FROM = 0.12;
const CALM_TO = 0.72;
/** Where a place comes that has left them. */
const COMES_TO = 0.38;

/** How far to scroll; null when the place is well in sight. */
export function scrollFor({ scrolled, height, place }: Scene): number | null {
  const { top, bottom } = place;
  if (top >= scrolled + CALM_FROM * height && bottom <= scrolled + CALM_TO * height) return null;
  const to = Math.max(0, Math.round(top - COMES_TO * height));
  return Math.abs(to - scrolled) < 1 ? null : to;
}

/** Further than this many heights away it is a jump: nobody wants to see all that is in between fly past. */
const GLIDES_OVER = 2.5;
/** A glide has arrived after so long, whether the browser says so or not. */
const GLIDE_MS = 700;

export class Follower {
  private glide: { element: HTMLElement; to: number; until: number } | null = null;

  /** @param stage asked anew each time: previews come and go */
  constructor(
    private readonly stage: () => Stage | undefined,
    private readonly reducedMotion: () => boolean,
  ) {}

  /** Brings the first of `clients` that has a caret in the text into sight, if there is one. */
  look(clients: readonly number[], now: number) {
    const stage = this.stage();
    if (!stage) return;
    const { view } = stage;
    const offset = clients.map((client) => peerOffset(view, client)).find((at) => at !== null) ?? null;
    if (offset === null) return;
    // The preview goes along, also where the source is not seen; scroll.ts.
    view.scrollDOM.dispatchEvent(new Event("lead"));
    this.source(stage, offset, now);
  }

  /** Stays where the view is, on its way or not. */
  stop() {
    this.glide?.element.scrollTo({ top: this.glide.element.scrollTop, behavior: "instant" });
    this.glide = null;
  }

  private source({ view, reveal }: Stage, offset: number, now: number) {
    const base = view.scrollDOM.getBoundingClientRect().top - view.scrollDOM.scrollTop;
    const block = view.lineBlockAt(offset);
    const rect = view.coordsAtPos(offset) ?? {
      top: view.documentTop + block.top,
      bottom: view.documentTop + block.top + LINE_PX,
    };
    const place = { top: rect.top - base, bottom: rect.bottom - base };
    const { scrollTop, clientHeight } = view.scrollDOM;
    // Heights of what was never drawn are guesses, and the editor is better at them.
    if (Math.abs(place.top - scrollTop) > GLIDES_OVER * clientHeight) {
      this.glide = null;
      reveal(offset);
    } else {
      this.scroll(view.scrollDOM, place, now);
    }
  }

  private scroll(element: HTMLElement, place: Scene["place"], now: number) {
    if (this.glide && now >= this.glide.until) this.glide = null;
    const scrolled = this.glide?.to ?? element.scrollTop;
    const to = scrollFor({ scrolled, height: element.clientHeight, place });
    if (to === null) return;
    const glides =
      !this.reducedMotion() && Math.abs(to - element.scrollTop) <= GLIDES_OVER * element.clientHeight;
    this.glide = glides ? { element, to, until: now + GLIDE_MS } : null;
    element.scrollTo({ top: to, behavior: glides ? "smooth" : "instant" });
  }
}

/** About a line, where its height is not known. */
const LINE_PX = 28;

/** Somebody who reloads a page is away for a moment. */
const AWAY_MS = 2500;

/**
 * Since when somebody who is followed is away, and whether they left. Without a connection nobody is known to be here, so nobody has
 * left either.
 *
 * @param since what this returned before; null at first
 */
export function awaySince(
  here: boolean,
  online: boolean,
  since: number | null,
  now: number,
): { since: number | null; left: boolean } {
  if (here || !online) return { since: null, left: false };
  const from = since ?? now;
  return { since: from, left: now - from >= AWAY_MS };
}
