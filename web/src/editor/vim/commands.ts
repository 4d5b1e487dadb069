/** What Vim's keys are given for `@codemirror/commands` (see vite/lean.ts): its commands, and this editor's undo. */
export {
  cursorCharBackward,
  cursorCharLeft,
  cursorLineBoundaryBackward,
  cursorLineBoundaryForward,
  indentLess,
  indentMore,
  indentSelection,
  insertNewlineAndIndent,
  toggleLineComment,
} from "@codemirror/commands";
export { redo, undo } from "../undo";
