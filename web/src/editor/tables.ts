/** Tables of Markdown: a new one, and Tab from cell to cell. */
import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import { EditorSelection, type EditorState } from "@codemirror/state";
import type { Command, EditorView } from "@codemirror/view";

const PARSE_MS = 50;
const COLUMNS = 3;

/** A small table below the caret's line, with its first heading selected. What the columns are called is the phrase `Column`. */
export const insertTable: Command = ({ state, dispatch }) => {
  const line = state.doc.lineAt(state.selection.main.head);
  const word = state.phrase("Column");
  const names = Array.from({ length: COLUMNS }, (_, n) => `${word} ${n + 1}`);
  const rows = [names, names.map(() => "---"), names.map(() => ""), names.map(() => "")];
  const table = rows
    .map((cells) => `|${cells.map((cell) => (cell ? ` ${cell} ` : "  ")).join("|")}|`)
    .join("\n");
  const empty = line.text.trim() === "";
  const lead = empty ? "" : "\n\n";
  const last = line.number === state.doc.lines;
  const from = empty ? line.from : line.to;
  const start = from + lead.length + 2;
  dispatch(
    state.update({
      changes: { from, to: line.to, insert: `${lead}${table}\n${last || empty ? "" : "\n"}` },
      selection: { anchor: start, head: start + (names[0]?.length ?? 0) },
      scrollIntoView: true,
      userEvent: "input.format",
    }),
  );
  return true;
};

/** To the next cell, and from the last one to a new row. False outside of tables. */
export const nextCell: Command = (view) => {
  const table = tableAt(view.state);
  if (!table) return false;
  const { head } = view.state.selection.main;
  const next = table.cells.find(({ from }) => from > head);
  if (next) return select(view, next);
  const row = view.state.doc.lineAt(table.to);
  const columns = Math.max(1, table.columns);
  view.dispatch(
    view.state.update({
      changes: { from: row.to, insert: `\n|${"  |".repeat(columns)}` },
      selection: { anchor: row.to + 3 },
      scrollIntoView: true,
      userEvent: "input",
    }),
  );
  return true;
};

/** To the cell before; in the first one, nowhere. False outside of tables. */
export const previousCell: Command = (view) => {
  const table = tableAt(view.state);
  if (!table) return false;
  const { from } = view.state.selection.main;
  const at = table.cells.findIndex((cell) => cell.from <= from && cell.to >= from);
  const before = at > 0 ? table.cells[at - 1] : table.cells.filter((cell) => cell.to < from).at(-1);
  return before ? select(view, before) : true;
};

interface Cell {
  from: number;
  to: number;
}

function select(view: EditorView, { from, to }: Cell): boolean {
  view.dispatch({ selection: EditorSelection.range(from, to), scrollIntoView: true, userEvent: "select" });
  return true;
}

/** The table around the caret, with what its cells hold; the row of dashes has none. */
function tableAt(state: EditorState): { cells: Cell[]; columns: number; to: number } | null {
  const { head } = state.selection.main;
  const tree = ensureSyntaxTree(state, head, PARSE_MS) ?? syntaxTree(state);
  let node = tree.resolveInner(head, -1);
  while (node.name !== "Table" && node.parent) node = node.parent;
  if (node.name !== "Table") return null;
  const cells: Cell[] = [];
  let columns = 0;
  for (let n = state.doc.lineAt(node.from).number; n <= state.doc.lineAt(node.to).number; n++) {
    const line = state.doc.line(n);
    const row = cellsOf(line.text);
    if (columns === 0) columns = row.length;
    if (/^[\s>]*\|?\s*:?-+/.test(line.text) && /^[\s>|:-]+$/.test(line.text)) continue;
    cells.push(...row.map(({ from, to }) => ({ from: line.from + from, to: line.from + to })));
  }
  return { cells, columns, to: node.to };
}

/** What is between the bars of a row; of an empty cell, where its words would go. */
export function cellsOf(text: string): Cell[] {
  const bars = [...text.matchAll(/\\.|\|/g)].filter(([sign]) => sign === "|").map(({ index }) => index);
  const start = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  const edges = [...bars];
  if (edges[0] !== start) edges.unshift(start - 1);
  if (edges.at(-1) !== end - 1) edges.push(end);
  return edges.slice(1).map((close, n) => {
    const open = (edges[n] ?? 0) + 1;
    const inner = text.slice(open, close);
    if (inner.trim() === "") return { from: Math.min(open + 1, close), to: Math.min(open + 1, close) };
    return { from: open + inner.length - inner.trimStart().length, to: open + inner.trimEnd().length };
  });
}
