// @vitest-environment happy-dom
/** In a full document deletions pass, insertions do not, and nothing is lost between the two. */
import { deleteCharBackward, insertNewline, moveLineDown } from "@codemirror/commands";
import { Compartment, EditorState, type TransactionSpec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as Y from "yjs";
import { collab } from "./collab";
import { trim } from "./trim";
import { undo, undoHistory } from "./undo";

let view: EditorView;
let text: Y.Text;
let dropped: number;

beforeEach(() => open(false));
afterEach(() => view.destroy());

/** An editor on "one\ntwo\n" in a full document. */
function open(composing: boolean) {
  view?.destroy();
  dropped = 0;
  text = new Y.Doc().getText("content");
  text.insert(0, "one\ntwo\n");
  const full = new Compartment();
  view = new EditorView({
    state: EditorState.create({
      doc: text.toString(),
      extensions: [undoHistory(), collab(text), full.of([])],
    }),
  });
  const onDropped = () => {
    dropped += 1;
  };
  view.dispatch({ effects: full.reconfigure(trim({ composing, onDropped })) });
}

/** What the editor and the text both hold. */
function held(): string {
  expect(text.toString()).toBe(view.state.doc.toString());
  return text.toString();
}

function inputs(from: number, to: number, insert: string, userEvent = "input.type") {
  const spec: TransactionSpec = { changes: { from, to, insert }, userEvent };
  view.dispatch(spec);
}

test("what is typed does not pass, and that is told", () => {
  inputs(3, 3, "x");
  insertNewline(view);
  expect([held(), dropped]).toEqual(["one\ntwo\n", 2]);
});

test("deletions pass", () => {
  view.dispatch({ selection: { anchor: 3 } });
  deleteCharBackward(view);
  inputs(0, 1, "");
  expect([held(), dropped]).toEqual(["n\ntwo\n", 0]);
});

test("what would be replaced stays whole", () => {
  inputs(0, 3, "o");
  moveLineDown(view);
  expect([held(), dropped]).toEqual(["one\ntwo\n", 2]);
});

test("what others write passes", () => {
  text.insert(0, "zero\n");
  expect([held(), dropped]).toEqual(["zero\none\ntwo\n", 0]);
});

test("who deleted too much gets it back", () => {
  inputs(0, 4, "", "delete.selection");
  expect(held()).toBe("two\n");
  undo(view);
  expect([held(), dropped]).toEqual(["one\ntwo\n", 0]);
});

test("selections and settings are nobody's insertions", () => {
  view.dispatch({ selection: { anchor: 2 } });
  expect([view.state.selection.main.head, dropped]).toEqual([2, 0]);
});

test("an input method finishes the word it was at, and begins no other", () => {
  open(true);
  inputs(3, 3, "に", "input.type.compose");
  inputs(3, 4, "日", "input.type.compose");
  expect([held(), dropped]).toEqual(["one日\ntwo\n", 0]);
  inputs(4, 4, "ほ", "input.type.compose.start");
  inputs(4, 4, "ほん", "input.type.compose");
  expect([held(), dropped]).toEqual(["one日\ntwo\n", 2]);
});

test("a selection is not emptied for an input method whose word will not pass", () => {
  inputs(0, 8, "", "input");
  inputs(0, 0, "k", "input.type.compose.start");
  expect([held(), dropped]).toEqual(["one\ntwo\n", 2]);
});
