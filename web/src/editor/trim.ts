/**
 * Lets people delete and not insert, for a document that is full.
 *
 * An edit passes whole or not at all: of a replaced word or a moved line, half would be a loss. What others write passes,
 * and so does undo, which works in the text itself (undo.ts): who deleted too much gets it back.
 */
import {
  EditorState,
  type Extension,
  StateEffect,
  StateField,
  Transaction,
  type TransactionSpec,
} from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { mirrored } from "./collab";

export interface TrimOptions {
  /** Whether an input method is in the middle of a word. It may finish that one: an interrupted one would stay half-written. */
  composing: boolean;
  /** Called when an edit did not pass, so that nobody types into silence. */
  onDropped: () => void;
}

export function trim({ composing, onDropped }: TrimOptions): Extension {
  return [
    finishing.init(() => composing),
    EditorState.transactionFilter.of((transaction) =>
      passes(transaction) ? transaction : dropping(transaction),
    ),
    EditorView.updateListener.of(({ view, transactions }) => {
      if (!transactions.some(({ effects }) => effects.some((effect) => effect.is(dropped)))) return;
      // The view draws again what the document holds, which ends a composition. Chromium doesn't say so, and a view that
      // believes itself composing leaves the arrow keys to the browser, which knows only the part of the text that is drawn.
      if (view.composing) view.contentDOM.dispatchEvent(new CompositionEvent("compositionend"));
      onDropped();
    }),
  ];
}

const dropped = StateEffect.define<null>();

/** Whether the composition is still under way that was when the document became full. */
const finishing = StateField.define<boolean>({
  create: () => false,
  update: (value, transaction) => value && !transaction.isUserEvent(COMPOSITION_STARTS),
});

const COMPOSES = "input.type.compose";
const COMPOSITION_STARTS = "input.type.compose.start";

function passes(transaction: Transaction): boolean {
  if (!transaction.docChanged || transaction.annotation(mirrored)) return true;
  if (transaction.isUserEvent(COMPOSES) && !transaction.isUserEvent(COMPOSITION_STARTS)) {
    if (transaction.startState.field(finishing)) return true;
  }
  // CodeMirror empties a selection of several lines just before an input method replaces it, as an input of its own.
  if (transaction.annotation(Transaction.userEvent) === "input") return false;
  let inserts = false;
  transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
    inserts ||= inserted.length > 0;
  });
  return !inserts;
}

/** Nothing in place of the transaction, except that it came: the view then shows again what the document holds. */
function dropping(transaction: Transaction): TransactionSpec {
  const event = transaction.annotation(Transaction.userEvent);
  return { effects: dropped.of(null), annotations: event ? Transaction.userEvent.of(event) : [] };
}
