/** Counts what a search finds, a few milliseconds at a time, and tells which of them is selected: "3 of 12". */
import type { SearchQuery } from "@codemirror/search";
import type { EditorView } from "@codemirror/view";

/** More than these nobody walks through. */
const MOST = 9_999;
const SLICE_MS = 6;
/** How long after an edit the matches are counted again. */
const AGAIN_MS = 250;

export class Matches {
  private query: SearchQuery | null = null;
  /** Where each begins and ends, one after the other. */
  private found: number[] = [];
  private complete = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param show called with what there is to say: nothing while there is no query */
  constructor(
    private readonly view: EditorView,
    private readonly show: (text: string) => void,
  ) {}

  /** Counts what `query` finds. */
  look(query: SearchQuery) {
    clearTimeout(this.timer);
    this.query = query;
    this.found = [];
    this.complete = true;
    if (query.search !== "" && query.valid) {
      this.complete = false;
      this.scan(query.getCursor(this.view.state) as Iterator<{ from: number; to: number }>);
    } else this.say();
  }

  /** The document is another. */
  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.query) this.look(this.query);
    }, AGAIN_MS);
  }

  /** The selection is another. */
  moved() {
    if (this.complete) this.say();
  }

  destroy() {
    clearTimeout(this.timer);
  }

  private scan(cursor: Iterator<{ from: number; to: number }>) {
    const until = performance.now() + SLICE_MS;
    while (this.found.length < 2 * MOST) {
      const { value, done } = cursor.next();
      if (done) {
        this.complete = true;
        break;
      }
      this.found.push(value.from, value.to);
      if (performance.now() > until) {
        this.timer = setTimeout(() => this.scan(cursor), 0);
        return;
      }
    }
    this.say();
  }

  private say() {
    const { query, view, found } = this;
    if (!query || query.search === "") return this.show("");
    const { state } = view;
    if (!query.valid) return this.show(state.phrase("not a pattern"));
    const count = found.length / 2;
    if (count === 0) return this.show(state.phrase("no results"));
    const { from, to } = state.selection.main;
    const at = found.findIndex((position, n) => n % 2 === 0 && position === from && found[n + 1] === to);
    const all = `${count}${this.complete ? "" : "+"}`;
    this.show(at < 0 ? all : state.phrase("$1 of $2", at / 2 + 1, all));
  }
}
