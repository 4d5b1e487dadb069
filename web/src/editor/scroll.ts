/** Keeps source and preview roughly at the same place: the pane the reader touches leads, the other follows. */
import { EditorView } from "@codemirror/view";
import type { MarkdownPreview } from "./preview";

/** The preview is where it belongs when this many frames in a row found it there. */
const SETTLES_AFTER = 3;

/** Returns the function that lets go. `pane` scrolls; the preview's host is inside it. */
export function scrollTogether(view: EditorView, pane: HTMLElement, preview: MarkdownPreview): () => void {
  const source = view.scrollDOM;
  const listening = new AbortController();
  const { signal } = listening;
  let leader: HTMLElement = source;
  let frame = 0;
  let looks = 0;

  for (const element of [source, pane]) {
    for (const event of ["wheel", "touchstart", "pointerdown", "keydown", "focusin", "lead"]) {
      element.addEventListener(event, () => (leader = element), { signal, passive: true });
    }
  }

  const follow = (from: HTMLElement, align: () => void) => {
    if (leader !== from) return;
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      align();
    });
  };
  source.addEventListener("scroll", () => follow(source, alignPreview), { signal, passive: true });
  pane.addEventListener("scroll", () => follow(pane, alignSource), { signal, passive: true });

  function alignPreview() {
    const before = pane.scrollTop;
    pane.scrollTop = topInPreview();
    // What comes into view may turn out taller than it was taken for (sections.ts), which shows a frame or two later.
    looks = pane.scrollTop === before ? looks - 1 : SETTLES_AFTER;
    if (looks > 0) follow(source, alignPreview);
  }

  function topInPreview(): number {
    if (source.scrollTop === 0) return 0;
    if (atEnd(source)) return pane.scrollHeight;
    const top = source.getBoundingClientRect().top - view.documentTop;
    const line = view.lineBlockAtHeight(Math.max(0, top));
    const through = Math.min(1, Math.max(0, (top - line.top) / Math.max(1, line.height)));
    return preview.topOf(line.from + through * line.length);
  }

  function alignSource() {
    const position = Math.min(preview.positionAt(pane.scrollTop), view.state.doc.length);
    const effect =
      pane.scrollTop === 0
        ? EditorView.scrollIntoView(0)
        : EditorView.scrollIntoView(position, { y: "start" });
    view.dispatch({ effects: effect });
  }

  alignPreview();
  return () => {
    listening.abort();
    cancelAnimationFrame(frame);
  };
}

function atEnd(element: HTMLElement): boolean {
  return element.scrollTop + element.clientHeight >= element.scrollHeight - 1;
}
