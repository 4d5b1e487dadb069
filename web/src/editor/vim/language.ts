/** What Vim's keys are given for `@codemirror/language` (see vite/lean.ts). Nothing is folded in this editor. */
export { ensureSyntaxTree, indentUnit, matchBrackets, StringStream } from "@codemirror/language";

export function foldCode(): boolean {
  return false;
}
