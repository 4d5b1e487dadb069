/** Ticks off a task in the source. */
import type { EditorView } from "@codemirror/view";
import { asOneStep } from "./undo";

/**
 * Makes `[ ]` of `[x]` or the other way around, as one change to undo.
 *
 * @param at where the bracket stands
 * @returns false if it does not, or nobody may write here
 */
export function setTask(view: EditorView, at: number, done: boolean): boolean {
  const { state } = view;
  if (state.readOnly || !/^\[[ xX]\]$/.test(state.sliceDoc(at, at + 3))) return false;
  const changes = { from: at + 1, to: at + 2, insert: done ? "x" : " " };
  return asOneStep(view, () => {
    view.dispatch({ changes, userEvent: "input.task" });
    return true;
  });
}
