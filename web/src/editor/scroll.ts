/**
 * Keeps source and preview at the same place: the pane the reader touches leads, the other follows. Places are paired by the edges of what is
 * shown (blocks, items, rows, lines of code) and evenly spread between two of them, so that both sides move without a jump.
 *
 * The tops of both panes show the same, except towards the end: there the line that is held in step moves down from the top of the panes to
 * their bottom, so that the end of one stands beside the end of the other.
 *
 * Whoever scrolls a pane for the reader sends it an event `lead` before, so that the other follows.
 */
import type { EditorView } from "@codemirror/view";
import type { Edge, MarkdownPreview } from "./preview";
import type { Reader } from "./reader";

/** The follower is where it belongs when this many frames in a row found it there: what comes into view may turn out taller than it was taken for. */
const SETTLES_AFTER = 3;

/** When a pane follows that is not seen. */
const UNSEEN_MS = 150;

export interface Panes {
  view: EditorView;
  reader: Reader;
  /** Scrolls, and has the preview's host inside. */
  pane: HTMLElement;
  host: HTMLElement;
  preview: MarkdownPreview;
  /** Whether the source is seen beside the preview. */
  beside: () => boolean;
}

export interface ScrollLink {
  /** Has the follower look again, for something changed its height. */
  realign(): void;
  /** The position in the text of what stands at the top of the preview. */
  position(): number;
  destroy(): void;
}

export function scrollTogether({ view, reader, pane, host, preview, beside }: Panes): ScrollLink {
  const source = view.scrollDOM;
  const listening = new AbortController();
  const { signal } = listening;
  let leader: HTMLElement = source;
  let frame = 0;
  let unseen: ReturnType<typeof setTimeout> | undefined;
  let looks = 0;

  for (const element of [source, pane]) {
    for (const event of ["wheel", "touchstart", "pointerdown", "keydown", "focusin", "lead"]) {
      element.addEventListener(event, () => (leader = element), { signal, passive: true });
    }
    element.addEventListener("scroll", () => leader === element && follow(), { signal, passive: true });
  }
  const sizes = new ResizeObserver(() => follow());
  for (const element of [host, pane, view.contentDOM]) sizes.observe(element);

  function follow() {
    looks = SETTLES_AFTER;
    if (leader === source || beside()) {
      frame ||= requestAnimationFrame(look);
    } else {
      clearTimeout(unseen);
      unseen = setTimeout(() => (frame ||= requestAnimationFrame(look)), UNSEEN_MS);
    }
  }

  function look() {
    frame = 0;
    looks = align() ? SETTLES_AFTER : looks - 1;
    if (looks > 0) frame = requestAnimationFrame(look);
  }

  /** Puts the follower where it belongs; false if it was there. */
  function align(): boolean {
    const [follower, held] =
      leader === source ? [pane, toPreview(heldAt(source))] : [source, toSource(heldAt(pane))];
    const before = follower.scrollTop;
    const target = scrollFor(held, follower);
    if (Math.abs(target - before) < 1) return false;
    follower.scrollTop = target;
    return Math.abs(follower.scrollTop - before) >= 1;
  }

  const sourceTop = () => textTop(view);
  /** What is to be added to what rectangles say, to have it in the pane's scrolled height. */
  const paneTop = () => pane.scrollTop - pane.getBoundingClientRect().top;

  function pointsAt(index: number): Point[] {
    const [down, up] = [sourceTop(), paneTop()];
    const inSource = ({ position, lower }: Edge) => {
      const line = view.lineBlockAt(reader.toNewest(position));
      return down + (lower ? line.bottom : line.top);
    };
    const inPreview = (edge: Edge) => up + preview.measure(edge);
    const points = preview.edges(index).map((edge) => ({
      source: () => inSource(edge),
      preview: () => inPreview(edge),
    }));
    return [
      { source: () => 0, preview: () => 0 },
      ...points,
      { source: () => source.scrollHeight, preview: () => pane.scrollHeight },
    ];
  }

  function toPreview(y: number): number {
    const line = view.lineBlockAtHeight(Math.max(0, y - sourceTop()));
    return across(pointsAt(preview.indexAt(reader.toRead(line.from))), y, "source", "preview");
  }

  function toSource(y: number): number {
    const top = y - (paneTop() + host.getBoundingClientRect().top);
    return across(pointsAt(preview.indexAbove(top)), y, "preview", "source");
  }

  follow();
  return {
    realign() {
      // What is where it belongs stays there until something else changes its height, which is observed.
      if (leader === source && !align()) return;
      follow();
    },
    position: () => lineAt(view, toSource(heldAt(pane) + LINE_PX)),
    destroy() {
      listening.abort();
      sizes.disconnect();
      cancelAnimationFrame(frame);
      clearTimeout(unseen);
    },
  };
}

/** What stands a line below the top of a pane is what one is at: above it there is some air. */
const LINE_PX = 28;

/** The position in the text of what stands at the top of the source. */
export function topOf(view: EditorView): number {
  return lineAt(view, heldAt(view.scrollDOM) + LINE_PX);
}

/** The line that is so far down the source's scrolled height. */
function lineAt(view: EditorView, y: number): number {
  return view.lineBlockAtHeight(Math.max(0, y - textTop(view))).from;
}

/** How far down the source's scrolled height the first line of the text is. */
function textTop(view: EditorView): number {
  return view.documentTop - view.scrollDOM.getBoundingClientRect().top + view.scrollDOM.scrollTop;
}

/** A place that is known on both sides. Measuring it costs something. */
export interface Point {
  source: () => number;
  preview: () => number;
}

/** What `y` of one side is on the other. The points are in order on both, the first at their beginning, the last at their end. */
export function across(points: readonly Point[], y: number, from: keyof Point, to: keyof Point): number {
  let low = 0;
  let high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[from]() ?? 0) <= y) low = middle;
    else high = middle;
  }
  const [before, after] = [points[low], points[high]];
  if (!before || !after) return y;
  const length = after[from]() - before[from]();
  const through = length > 0 ? Math.min(1, Math.max(0, (y - before[from]()) / length)) : 0;
  return before[to]() + through * (after[to]() - before[to]());
}

type Scrolled = Pick<HTMLElement, "scrollTop" | "scrollHeight" | "clientHeight">;

/** How far down its height the line of a scrolled element is that is held in step. */
export function heldAt(element: Scrolled): number {
  const { scrollTop, clientHeight } = element;
  const { start, length } = lastPage(element);
  const through = length > 0 ? Math.min(1, Math.max(0, (scrollTop - start) / length)) : 0;
  return scrollTop + through * clientHeight;
}

/** How far an element is to be scrolled for that line to be `held`. */
export function scrollFor(held: number, element: Scrolled): number {
  const { start, length } = lastPage(element);
  if (held <= start) return Math.max(0, held);
  return Math.max(0, start + ((held - start) * length) / (length + element.clientHeight));
}

/** The last page that an element is scrolled through, along which the line moves from the top to the bottom. */
function lastPage({ scrollHeight, clientHeight }: Scrolled): { start: number; length: number } {
  const whole = Math.max(0, scrollHeight - clientHeight);
  const length = Math.min(whole, clientHeight);
  return { start: whole - length, length };
}
