/** An editor for tests: a text in which `|` is the caret, or two of them the ends of the selection. */
import { ensureSyntaxTree } from "@codemirror/language";
import { EditorSelection, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import * as Y from "yjs";
import { collab, contentOf } from "./collab";
import { markdown } from "./markdown";
import { undoHistory } from "./undo";

/** What is written as `¦` is a bar. */
export function editorWith(marked: string, extensions: Extension = markdown()) {
  const parts = marked.split("|").map((part) => part.replaceAll("¦", "|"));
  const anchor = parts[0]?.length ?? 0;
  const head = parts.length > 2 ? anchor + (parts[1]?.length ?? 0) : anchor;
  const doc = new Y.Doc();
  const text = doc.getText("content");
  text.insert(0, parts.join(""));
  const view = new EditorView({
    state: EditorState.create({
      doc: contentOf(text),
      selection: parts.length > 1 ? EditorSelection.single(anchor, head) : EditorSelection.single(0),
      extensions: [undoHistory(), collab(text), extensions],
    }),
  });
  ensureSyntaxTree(view.state, view.state.doc.length, 1000);
  return {
    view,
    text,
    /** The text with its caret or selection, as it was given. */
    marked(): string {
      const { from, to, empty } = view.state.selection.main;
      const all = view.state.doc.toString();
      const part = (from: number, to?: number) => all.slice(from, to).replaceAll("|", "¦");
      return empty ? `${part(0, from)}|${part(from)}` : `${part(0, from)}|${part(from, to)}|${part(to)}`;
    },
    destroy() {
      view.destroy();
      doc.destroy();
    },
  };
}
