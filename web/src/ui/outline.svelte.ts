/** The outline of an open document as state: its headings, and which of them the reader is at. */
import { type Heading, headingsIn, readerOf, topOf } from "../editor";
import type { Navigation } from "./navigation.svelte";

export class Outline {
  headings: readonly Heading[] = $state.raw([]);
  /** The number of the heading that the reader is below; -1 above the first. */
  current = $state(-1);
  private readonly stop: (() => void)[] = [];
  private frame = 0;

  /** @param navigation whose view is there */
  constructor(private readonly navigation: Navigation) {
    const { view } = navigation;
    if (!view) return;
    const reader = readerOf(view);
    this.stop.push(
      reader.listen(({ tree, doc }) => {
        const headings = headingsIn(tree, doc);
        // What is typed below a heading changes no heading.
        if (!alike(headings, this.headings)) this.headings = headings;
        else
          for (const [index, { from }] of headings.entries())
            Object.assign(this.headings[index] ?? {}, { from });
        this.look();
      }),
    );
    reader.read(AT_ONCE_MS);
    const onscroll = () => this.look();
    const panes = view.dom.parentElement?.parentElement ?? view.dom;
    // Scrolling does not bubble; both panes are inside.
    panes.addEventListener("scroll", onscroll, { capture: true, passive: true });
    this.stop.push(() => panes.removeEventListener("scroll", onscroll, { capture: true }));
  }

  /** Goes to a heading. */
  goTo({ from }: Heading) {
    const { view } = this.navigation;
    if (view) this.navigation.goTo(readerOf(view).toNewest(from));
  }

  destroy() {
    for (const stop of this.stop) stop();
    cancelAnimationFrame(this.frame);
  }

  private look() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const { view, preview, unseenSource } = this.navigation;
      if (!view) return;
      const at = readerOf(view).toRead(unseenSource && preview ? preview.position() : topOf(view));
      const after = this.headings.findIndex(({ from }) => from > at);
      this.current = (after < 0 ? this.headings.length : after) - 1;
    });
  }
}

/** How long opening it may take before the page is painted; the rest of a long document comes in idle time. */
const AT_ONCE_MS = 30;

function alike(a: readonly Heading[], b: readonly Heading[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ level, text, slug }, index) => {
      const other = b[index];
      return other?.level === level && other.text === text && other.slug === slug;
    })
  );
}
