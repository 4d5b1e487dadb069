/**
 * Marks inside a line: bold, italic, struck out, code, links. A mark is put around what is selected or the word at the caret, line by
 * line, for a mark does not reach beyond its paragraph; where everything is marked already it is taken away.
 */
import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import { type ChangeSpec, EditorSelection, type EditorState, type SelectionRange } from "@codemirror/state";
import type { Command } from "@codemirror/view";
import type { SyntaxNode } from "@lezer/common";
import { contentStart } from "./lines";

export type Mark = "bold" | "italic" | "strikethrough" | "code";

/** A mark's characters, and what the grammar calls what is in them. */
const MARKS: Record<Mark, { sign: string; node: string; signNode: string }> = {
  bold: { sign: "**", node: "StrongEmphasis", signNode: "EmphasisMark" },
  italic: { sign: "*", node: "Emphasis", signNode: "EmphasisMark" },
  strikethrough: { sign: "~~", node: "Strikethrough", signNode: "StrikethroughMark" },
  code: { sign: "`", node: "InlineCode", signNode: "CodeMark" },
};

/** How long a command waits for the grammar to come as far as the selection. */
const PARSE_MS = 50;

interface Span {
  from: number;
  to: number;
}

export function isMarked(mark: Mark): (state: EditorState) => boolean {
  return (state) => enclosing(state, state.selection.main, MARKS[mark].node) !== null;
}

export function toggleMark(mark: Mark): Command {
  return ({ state, dispatch }) => {
    ensureSyntaxTree(state, state.selection.main.to, PARSE_MS);
    const spec = state.changeByRange((range) => {
      const changes = changesFor(state, range, mark);
      return { changes: changes.list, range: changes.moved(range) };
    });
    dispatch(state.update(spec, { scrollIntoView: true, userEvent: "input.format" }));
    return true;
  };
}

export function isLinked(state: EditorState): boolean {
  return enclosing(state, state.selection.main, "Link") !== null;
}

/** Makes a link of what is selected or the word at the caret, with the caret where the address goes; or takes a link away. */
export const link: Command = ({ state, dispatch }) => {
  ensureSyntaxTree(state, state.selection.main.to, PARSE_MS);
  const spec = state.changeByRange((range) => {
    const around = enclosing(state, range, "Link");
    if (around) {
      const [open, close] = around.getChildren("LinkMark");
      if (open && close) {
        const text = state.sliceDoc(open.to, close.from);
        const at = around.from + Math.max(0, Math.min(range.head - open.to, text.length));
        return {
          changes: { from: around.from, to: around.to, insert: text },
          range: EditorSelection.cursor(at),
        };
      }
    }
    const { from, to } = range.empty ? (state.wordAt(range.head) ?? range) : range;
    const text = state.sliceDoc(from, to);
    const address = /^(?:https?:\/\/|mailto:)\S+$/.test(text);
    const insert = address ? `[](${text})` : `[${text}]()`;
    // Where something is missing: the words of an address, the address of words, both of nothing.
    const at = address || text === "" ? from + 1 : from + insert.length - 1;
    return { changes: { from, to, insert }, range: EditorSelection.cursor(at) };
  });
  dispatch(state.update(spec, { scrollIntoView: true, userEvent: "input.format" }));
  return true;
};

interface Changes {
  list: ChangeSpec[];
  moved(range: SelectionRange): SelectionRange;
}

function changesFor(state: EditorState, range: SelectionRange, mark: Mark): Changes {
  const { sign, node } = MARKS[mark];
  if (range.empty && !enclosing(state, range, node)) {
    const size = sign.length;
    const at = range.head;
    if (isEmptyMark(state, at, sign)) return plain([{ from: at - size, to: at + size }], at - size);
    if (!state.wordAt(at)) return plain([{ from: at, insert: sign + sign }], at + size);
  }
  const spans = spansOf(state, range);
  const marked = spans.map((span) => enclosing(state, span, node));
  const list: ChangeSpec[] = [];
  const opened: number[] = [];
  if (spans.length > 0 && marked.every((found) => found !== null)) {
    const seen = new Set<number>();
    for (const found of marked) {
      if (!found || seen.has(found.from)) continue;
      seen.add(found.from);
      list.push(...unmark(state, found, mark));
    }
  } else {
    for (const [index, span] of spans.entries())
      if (!marked[index]) opened.push(put(state, span, mark, list));
  }
  const set = state.changes(list);
  return {
    list,
    moved: ({ anchor, head }) => {
      // The selection is what it was: inside of new marks at both its ends.
      const map = (at: number, other: number) =>
        set.mapPos(at, at < other || (at === other && opened.includes(at)) ? 1 : -1);
      return EditorSelection.range(map(anchor, head), map(head, anchor));
    },
  };
}

function plain(list: ChangeSpec[], caret: number): Changes {
  return { list, moved: () => EditorSelection.cursor(caret) };
}

/** Whether there is nothing but the caret between two marks: to the grammar that is none, yet it is what this put there. */
function isEmptyMark(state: EditorState, at: number, sign: string): boolean {
  const size = sign.length;
  const text = state.sliceDoc(Math.max(0, at - size - 1), at + size + 1);
  const start = Math.min(at, size + 1);
  if (text.slice(start - size, start) !== sign || text.slice(start, start + size) !== sign) return false;
  // `**|**` has a lone star on neither side.
  return size > 1 || (text[start - 2] !== sign && text[start + 1] !== sign);
}

/** What of a selection can carry marks: each line's words, without what begins the line and the space around. */
function spansOf(state: EditorState, range: SelectionRange): Span[] {
  if (range.empty) {
    const word = state.wordAt(range.head);
    return [word ?? { from: range.head, to: range.head }];
  }
  const spans: Span[] = [];
  for (let at = range.from; at <= range.to; ) {
    const line = state.doc.lineAt(at);
    const from = Math.max(range.from, line.from + contentStart(line.text));
    const to = Math.min(range.to, line.to);
    if (from < to) {
      const text = state.sliceDoc(from, to);
      const start = from + text.length - text.trimStart().length;
      const end = from + text.trimEnd().length;
      if (start < end) spans.push({ from: start, to: end });
    }
    at = line.to + 1;
  }
  return spans;
}

/** Marks a span, in which the same mark may be here and there already: it becomes one. Returns where it begins. */
function put(state: EditorState, span: Span, mark: Mark, list: ChangeSpec[]): number {
  const { node } = MARKS[mark];
  let { from, to } = span;
  syntaxTree(state).iterate({
    from,
    to,
    enter(found) {
      if (found.name !== node || found.to <= span.from || found.from >= span.to) return;
      from = Math.min(from, found.from);
      to = Math.max(to, found.to);
      list.push(...unmark(state, found.node, mark));
    },
  });
  const [open, close] = signsFor(state.sliceDoc(from, to), mark);
  list.push({ from, insert: open }, { from: to, insert: close });
  return from;
}

/** Code may hold the mark of code; then it takes more of them. */
function signsFor(text: string, mark: Mark): [string, string] {
  const { sign } = MARKS[mark];
  if (mark !== "code" || !text.includes("`")) return [sign, sign];
  const longest = Math.max(...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence} `, ` ${fence}`];
}

function unmark(state: EditorState, node: SyntaxNode, mark: Mark): ChangeSpec[] {
  const signs = node.getChildren(MARKS[mark].signNode);
  const [open, close] = [signs.at(0), signs.at(-1)];
  if (!open || !close || open.from === close.from) return [];
  // The space that code needs beside marks of its own.
  const spaced = open.to - open.from > 1 && mark === "code" && state.sliceDoc(open.to, open.to + 1) === " ";
  return [
    { from: open.from, to: open.to + (spaced ? 1 : 0) },
    { from: close.from - (spaced ? 1 : 0), to: close.to },
  ];
}

/** The innermost node of this name around all of a span. */
function enclosing(state: EditorState, { from, to }: Span, name: string): SyntaxNode | null {
  const tree = syntaxTree(state);
  for (const side of [1, -1] as const) {
    for (let node: SyntaxNode | null = tree.resolveInner(from, side); node; node = node.parent) {
      if (node.name === name && node.from <= from && node.to >= to) return node;
    }
  }
  return null;
}
