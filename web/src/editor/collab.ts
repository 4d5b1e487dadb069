/**
 * Binds a `Y.Text` to an editor: what is typed goes into the text, what others write comes into the editor.
 *
 * Both sides count in UTF-16 code units and every line break is one "\n", so offsets are the same on both sides and no
 * translation table is needed. The binding knows nothing of networks: it sees a document that changes.
 */
import {
  Annotation,
  EditorState,
  type Extension,
  Facet,
  type Text,
  type Transaction,
} from "@codemirror/state";
import { EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type * as Y from "yjs";

/** The origin of this editor's own Yjs transactions; undo tracks it and nobody else's. */
export class Binding {
  constructor(readonly text: Y.Text) {}
}

/** How other extensions (undo, presence) find the text they belong to. */
export const binding = Facet.define<Binding, Binding | null>({ combine: (values) => values[0] ?? null });

/** Marks editor transactions that mirror a change which the text has already seen. */
export const mirrored = Annotation.define<Binding>();

/** Stands for embedded objects, which count as one unit in a `Y.Text`; a plain editor has no other way to show them. */
const EMBED = "\uFFFC";

/** The text as an editor must hold it: the same length as the `Y.Text`, embeds included. */
export function contentOf(text: Y.Text): string {
  const plain = text.toString();
  if (plain.length === text.length) return plain;
  return (text.toDelta() as DeltaOp[]).map((op) => inserted(op.insert)).join("");
}

/** The extension. The editor's document must start as `contentOf(text)`. */
export function collab(text: Y.Text): Extension {
  return [
    binding.of(new Binding(text)),
    // Without this, CodeMirror would take "\r\n" from a peer for one line break and every offset after it would be wrong.
    EditorState.lineSeparator.of("\n"),
    EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, "\n")),
    collabPlugin,
  ];
}

const collabPlugin = ViewPlugin.fromClass(
  class {
    private readonly binding: Binding;

    constructor(private readonly view: EditorView) {
      const bound = view.state.facet(binding);
      if (!bound) throw new Error("collab: the state has no binding");
      this.binding = bound;
      bound.text.observe(this.onText);
    }

    update(update: ViewUpdate) {
      // One by one: each transaction's offsets are those of the text as the one before left it.
      for (const transaction of update.transactions) {
        if (!transaction.docChanged || transaction.annotation(mirrored) === this.binding) continue;
        const { text } = this.binding;
        let exact = true;
        text.doc?.transact(() => {
          exact = writeChanges(text, transaction);
        }, this.binding);
        // A view cannot be changed while it updates.
        if (!exact) queueMicrotask(() => this.reconcile());
      }
    }

    destroy() {
      this.binding.text.unobserve(this.onText);
    }

    private readonly onText = (event: Y.YTextEvent, transaction: Y.Transaction) => {
      if (transaction.origin === this.binding) return;
      const changes = changesOf(event.delta as DeltaOp[]);
      if (changes.length === 0) return;
      const { doc } = this.view.state;
      const splits = changes.some(({ from, to }) => splitsPair(doc, from) || splitsPair(doc, to ?? from));
      this.view.dispatch({ changes, annotations: mirrored.of(this.binding) });
      if (splits) this.reconcile();
    };

    /**
     * Makes the editor show what the text holds. Needed when somebody's edit cut a surrogate pair in two: Yjs then puts
     * U+FFFD for either half, and tells nobody.
     */
    private reconcile() {
      const shown = this.view.state.doc.toString();
      const held = contentOf(this.binding.text);
      if (shown === held) return;
      const { start, end } = commonEnds(shown, held);
      this.view.dispatch({
        changes: { from: start, to: shown.length - end, insert: held.slice(start, held.length - end) },
        annotations: mirrored.of(this.binding),
      });
    }
  },
);

interface DeltaOp {
  insert?: unknown;
  delete?: number;
  retain?: number;
}

interface Change {
  from: number;
  to?: number;
  insert?: string;
}

/** One Yjs delta as the changes of one editor transaction; positions are those of the document before it. */
export function changesOf(delta: readonly DeltaOp[]): Change[] {
  const changes: Change[] = [];
  let position = 0;
  for (const op of delta) {
    if (op.retain !== undefined) {
      position += op.retain;
    } else if (op.delete !== undefined) {
      changes.push({ from: position, to: position + op.delete });
      position += op.delete;
    } else {
      changes.push({ from: position, insert: inserted(op.insert) });
    }
  }
  return changes;
}

function inserted(insert: unknown): string {
  return typeof insert === "string" ? insert : EMBED;
}

/**
 * Writes an editor transaction into the text, touching no more of it than really changed. Half a surrogate pair cannot be
 * encoded as UTF-8, so none gets in: a change inside a pair becomes a change of the whole pair (one emoji for another may
 * differ in the second half only), and a lone half becomes U+FFFD. False when the text is now not what the editor shows.
 */
function writeChanges(text: Y.Text, { changes, startState, newDoc }: Transaction): boolean {
  const before = startState.doc;
  let exact = true;
  let shift = 0;
  changes.iterChanges((fromA, toA, fromB, toB) => {
    const left = splitsPair(before, fromA) || splitsPair(newDoc, fromB) ? 1 : 0;
    const right = splitsPair(before, toA) || splitsPair(newDoc, toB) ? 1 : 0;
    const old = before.sliceString(fromA - left, toA + right);
    const shown = newDoc.sliceString(fromB - left, toB + right);
    const now = shown.replace(LONE_SURROGATE, "\uFFFD");
    if (now !== shown) exact = false;
    const { start, end } = commonEnds(old, now);
    const removed = old.length - start - end;
    const added = now.slice(start, now.length - end);
    const at = fromA - left + shift + start;
    if (removed > 0) text.delete(at, removed);
    if (added.length > 0) text.insert(at, added);
    shift += now.length - old.length;
  });
  return exact;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Whether `at` is in the middle of a surrogate pair. */
function splitsPair(doc: Text, at: number): boolean {
  if (at <= 0 || at >= doc.length) return false;
  const around = doc.sliceString(at - 1, at + 1);
  return isHighSurrogate(around.charCodeAt(0)) && isLowSurrogate(around.charCodeAt(1));
}

/**
 * How many code units two strings share at their start and at their end. Peers' carets and concurrent edits inside what is
 * shared survive a replacement (a completed word, a re-indented line) because it is left alone. Never splits a surrogate pair.
 */
export function commonEnds(a: string, b: string): { start: number; end: number } {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  if (start > 0 && isHighSurrogate(a.charCodeAt(start - 1))) start--;
  let end = 0;
  while (end < most - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end++;
  if (end > 0 && isLowSurrogate(a.charCodeAt(a.length - end))) end--;
  return { start, end };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
