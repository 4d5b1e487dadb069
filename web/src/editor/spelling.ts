/** Spell checking, which is the browser's: prose has it unless the reader does without. */
import { type Extension, Prec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** `wanted` is asked at every update of the view; one without changes is enough to have it asked again. */
export function spelling(wanted: () => boolean): Extension {
  // Stronger than what a kind of document asks for.
  return Prec.highest(
    EditorView.contentAttributes.of(() => (wanted() ? null : { spellcheck: "false", autocorrect: "off" })),
  );
}
