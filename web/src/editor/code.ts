/** What code needs besides its language: line numbers, brackets, indents, several carets. A chunk of its own. */
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { codeHighlight, markdownHighlight } from "./highlight";

export const coding: Extension = [
  codeHighlight,
  markdownHighlight,
  lineNumbers(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  // Several carets need drawing; prose keeps the browser's own, which phones and input methods know best.
  EditorState.allowMultipleSelections.of(true),
  drawSelection(),
  bracketMatching(),
  closeBrackets(),
  indentOnInput(),
  indentUnit.of("  "),
  keymap.of([...closeBracketsKeymap, indentWithTab]),
];
