/**
 * Waits for input methods. While one is in the middle of a word the text under it must not be changed by a script: the word would
 * be lost, or written twice.
 */
import type { EditorView } from "@codemirror/view";

/** Runs `then` as soon as nothing is being composed: at once, most of the time. */
export function whenSettled(view: EditorView, then: () => void) {
  if (!view.composing) {
    then();
    return;
  }
  const ended = () => {
    // The view itself reads the end of a composition a moment later.
    setTimeout(() => whenSettled(view, then), 0);
  };
  view.contentDOM.addEventListener("compositionend", ended, { once: true });
}

/** The same, for what was asked for just now: the word is finished as it stands, as when the caret is put elsewhere. */
export function settle(view: EditorView, then: () => void) {
  whenSettled(view, then);
  if (!view.composing) return;
  // A phone's keyboard stays up, for the focus is back before it would go.
  view.contentDOM.blur();
  view.contentDOM.focus({ preventScroll: true });
}
