/** Finding and replacing. A chunk of its own, which setup.ts loads once the page is there: nobody searches in its first second. */
import { search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";

export function searching(): Extension {
  return [
    search({ top: true }),
    EditorState.phrases.of(LABELS),
    // It comes last, and its Escape closes the panel before another one drops the selection.
    Prec.high(keymap.of(searchKeymap)),
  ];
}

/** The search panel's words, as the rest of the page writes its buttons. */
const LABELS = {
  next: "Next",
  previous: "Previous",
  all: "Select all",
  "match case": "Match case",
  regexp: "Pattern",
  "by word": "Whole words",
  replace: "Replace",
  "replace all": "Replace all",
};
