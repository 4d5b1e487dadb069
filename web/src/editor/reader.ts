/**
 * Reads the whole document in the browser's idle time, for those who show more of it than the editor does: the preview, the outline.
 * (The editor's own tree reaches as far as the screen and a little further.) What did not change is not parsed again: the parser
 * reuses the fragments of the last tree.
 */
import { DocInput } from "@codemirror/language";
import { type ChangeDesc, ChangeSet, StateEffect, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type ChangedRange, type PartialParse, type Tree, TreeFragment } from "@lezer/common";
import { whenIdle } from "./idle";
import { markdownParser } from "./markdown";

/** A document as it was read. */
export interface Reading {
  readonly doc: Text;
  readonly tree: Tree;
  /** Where `doc` differs from that of the listener's last reading; null when that is not known. */
  readonly changed: readonly ChangedRange[] | null;
  /** Whether the tree reaches to the end. A long document is read in two steps, first as far as is seen at present. */
  readonly whole: boolean;
}

export type Listener = (reading: Reading) => void;

/** Up to this length there is nothing to be gained from reading in two steps. */
const SHORT = 60_000;

/**
 * After a reading the reader rests this many times as long as it took: a book that is typed into is not read again with each key, and no
 * more of the time is spent on it than about a thirtieth.
 */
const REST = 30;
/** It rests no longer than this, or somebody would wait for what they typed. */
const LONGEST_REST_MS = 250;

interface Work {
  readonly doc: Text;
  /** From the document that was read last; null when that is not known. */
  readonly changes: ChangeDesc | null;
}

export class Reader {
  private readonly listeners = new Set<Listener>();
  private fragments: readonly TreeFragment[] = [];
  private last: Reading | null = null;
  private parsing: (Work & { parse: PartialParse; until: number | null }) | null = null;
  private next: Work | null = null;
  private cancelIdle: (() => void) | null = null;
  /** What the present reading took up to now, with what its listeners do at once. */
  private spent_ms = 0;
  /** Until when the reader rests, in `performance.now()`'s milliseconds. */
  private rested = 0;

  /** @param seen the end of what is seen of the document at present */
  constructor(
    private newest: Text,
    private readonly seen: () => number = () => Number.POSITIVE_INFINITY,
  ) {}

  /**
   * Tells `listener` of each reading, and at once of the last if there is one.
   *
   * @returns the function that ends it; with the last listener goes all that was read
   */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.last) listener({ ...this.last, changed: null });
    else this.next ??= { doc: this.newest, changes: null };
    this.schedule();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.forget();
    };
  }

  /** Reads `doc`, soon. `changes` lead to it from the document of the call before; null when that is not known. */
  show(doc: Text, changes: ChangeDesc | null) {
    this.newest = doc;
    if (this.listeners.size === 0) return;
    const known = this.next ? this.next.changes : undefined;
    this.next = {
      doc,
      changes: known === undefined ? changes : known && changes && known.composeDesc(changes),
    };
    this.schedule();
  }

  /** Reads at once what is due, as far as there is time for. */
  read(within_ms = Number.POSITIVE_INFINITY) {
    const deadline = performance.now() + within_ms;
    do this.work(deadline);
    while ((this.next || this.parsing) && performance.now() < deadline);
  }

  /** Where a position of the document that was read last is in the newest one. */
  toNewest(position: number): number {
    for (const changes of this.ahead()) position = changes.mapPos(Math.min(position, changes.length), 1);
    return Math.min(position, this.newest.length);
  }

  /** The other way around. */
  toRead(position: number): number {
    for (const changes of this.ahead().reverse()) {
      position = changes.invertedDesc.mapPos(Math.min(position, changes.newLength), 1);
    }
    return position;
  }

  /** The changes that were made since the last reading, the oldest first. */
  private ahead(): ChangeDesc[] {
    return [this.parsing?.changes, this.next?.changes].filter((changes) => changes != null);
  }

  private forget() {
    this.cancelIdle?.();
    this.cancelIdle = null;
    this.fragments = [];
    this.last = null;
    this.parsing = null;
    this.next = null;
    this.spent_ms = this.rested = 0;
  }

  private schedule() {
    if (this.cancelIdle || (!this.next && !this.parsing)) return;
    this.cancelIdle = whenIdle((deadline) => {
      this.cancelIdle = null;
      const begun = performance.now();
      this.work(deadline);
      this.spent_ms += performance.now() - begun;
      if (!this.parsing && this.last?.whole) this.rest();
      this.schedule();
    }, this.rested - performance.now());
  }

  /** The document was read to its end. */
  private rest() {
    this.rested = performance.now() + Math.min(REST * this.spent_ms, LONGEST_REST_MS);
    this.spent_ms = 0;
  }

  private work(deadline: number) {
    this.parsing ??= this.begin();
    if (!this.parsing) return;
    const { doc, changes, parse, until } = this.parsing;
    for (;;) {
      const tree = parse.advance();
      if (tree) {
        this.parsing = null;
        this.fragments = TreeFragment.addTree(tree, [], until !== null);
        // The rest of a document that is read in two steps.
        if (until !== null) this.next ??= { doc, changes: ChangeSet.empty(doc.length).desc };
        this.last = { doc, tree, changed: changes && rangesOf(changes), whole: until === null };
        for (const listener of this.listeners) listener(this.last);
        return;
      }
      if (performance.now() >= deadline) return;
    }
  }

  private begin(): typeof this.parsing {
    if (!this.next) return null;
    const { doc, changes } = this.next;
    this.next = null;
    this.fragments =
      changes && this.last
        ? TreeFragment.applyChanges(this.fragments, reachingBack(rangesOf(changes), this.last.doc))
        : [];
    const parse = markdownParser.startParse(new DocInput(doc), this.fragments);
    const until = this.last === null && doc.length > SHORT ? this.seen() : doc.length;
    if (until >= doc.length) return { doc, changes, parse, until: null };
    parse.stopAt(until);
    return { doc, changes, parse, until };
  }
}

/** What `Reader` takes, of a string. */
export function textOf(source: string): Text {
  return Text.of(source.split("\n"));
}

const readers = new WeakMap<EditorView, Reader>();

/** The reader of an editor's document: one for all who ask. */
export function readerOf(view: EditorView): Reader {
  const known = readers.get(view);
  if (known) return known;
  const reader = new Reader(view.state.doc, () => view.viewport.to);
  readers.set(view, reader);
  const follow = EditorView.updateListener.of((update) => {
    if (update.docChanged) reader.show(update.state.doc, update.changes.desc);
  });
  view.dispatch({ effects: StateEffect.appendConfig.of(follow) });
  return reader;
}

function rangesOf(changes: ChangeDesc): ChangedRange[] {
  const ranges: ChangedRange[] = [];
  changes.iterChangedRanges((fromA, toA, fromB, toB) => ranges.push({ fromA, toA, fromB, toB }));
  return ranges;
}

/**
 * The changes as the parser has to hear of them. It takes a block that stands before a change for what it was; but what is indented
 * goes on with the footnote before it, over blank lines. So a change begins with the last character before it.
 */
function reachingBack(ranges: readonly ChangedRange[], before: Text): ChangedRange[] {
  let reached = 0;
  return ranges.map(({ fromA, toA, fromB, toB }) => {
    const back = fromA - Math.max(reached, lastCharacterBefore(fromA, before));
    reached = toA;
    return { fromA: fromA - back, toA, fromB: fromB - back, toB };
  });
}

function lastCharacterBefore(position: number, doc: Text): number {
  let line = doc.lineAt(position);
  let text = line.text.slice(0, position - line.from).trimEnd();
  while (text === "" && line.number > 1) {
    line = doc.line(line.number - 1);
    text = line.text.trimEnd();
  }
  return Math.max(0, line.from + text.length - 1);
}
