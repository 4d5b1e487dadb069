/** Finding and replacing. A chunk of its own, which setup.ts loads once the page is there: nobody searches in its first second. */
import { search, searchKeymap } from "@codemirror/search";
import { type Extension, Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";

export function searching(): Extension {
  // It comes last, and its Escape closes the panel before another one drops the selection.
  return [search({ top: true }), Prec.high(keymap.of(searchKeymap))];
}
