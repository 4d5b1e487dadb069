/**
 * What whole lines are: headings, lists, quotes, code, rules. Each command works on every line that a selection touches, and takes
 * away what all of them are already.
 */
import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import { type ChangeSpec, EditorSelection, type EditorState, type Line } from "@codemirror/state";
import type { Command } from "@codemirror/view";
import type { SyntaxNode } from "@lezer/common";
import { type ListKind, lineStart, listKindOf } from "./lines";

/** How long a command waits for the grammar to come as far as the selection. */
const PARSE_MS = 50;

/** Makes headings of lines; of level 0, plain paragraphs. */
export function heading(level: 0 | 1 | 2 | 3): Command {
  return lineCommand((state, lines) => {
    ensureSyntaxTree(state, state.selection.main.to, PARSE_MS);
    const written = lines.filter(({ text }) => text.trim() !== "" || lines.length === 1);
    const same = written.every((line) => levelAt(state, line) === level);
    const mark = same || level === 0 ? "" : `${"#".repeat(level)} `;
    const underlines = new Set<number>();
    return written.flatMap((line) => {
      const start = lineStart(line.text);
      const from = line.from + start.quote.length + start.indent.length;
      // A heading is no item: its marks take the place of a list's.
      const to = mark === "" ? line.from + start.length : from + start.marker.length + start.box.length;
      const changes: ChangeSpec[] =
        mark === ""
          ? [{ from: to - start.heading.length, to }]
          : [{ from, to: to + start.heading.length, insert: mark }];
      const setext = nodeAt(state, line.from, /^SetextHeading/);
      if (setext && !underlines.has(setext.from)) {
        underlines.add(setext.from);
        const last = state.doc.lineAt(setext.to);
        if (last.from > line.from) changes.push({ from: last.from - 1, to: last.to });
      }
      return changes;
    });
  });
}

export function headingAt(level: 0 | 1 | 2 | 3): (state: EditorState) => boolean {
  return (state) => levelAt(state, state.doc.lineAt(state.selection.main.head)) === level;
}

function levelAt(state: EditorState, line: Line): number {
  const node = nodeAt(state, line.from, /^SetextHeading/) ?? nodeAt(state, line.to, /^ATXHeading/);
  return node ? Number(node.name.at(-1)) : lineStart(line.text).heading.trimEnd().length;
}

/** Makes items of lines, or plain lines of items. */
export function list(kind: ListKind): Command {
  return lineCommand((_state, lines) => {
    const written = lines.filter(({ text }) => lineStart(text).length < text.length || lines.length === 1);
    const same = written.every((line) => listKindOf(lineStart(line.text)) === kind);
    const counts = new Map<number, number>();
    return written.map((line) => {
      const start = lineStart(line.text);
      const from = line.from + start.quote.length + start.indent.length;
      const to = line.from + start.length;
      if (same) return { from, to };
      // Items further in are counted on their own, and again after the next one further out.
      const depth = start.indent.length;
      for (const deeper of counts.keys()) if (deeper > depth) counts.delete(deeper);
      const number = (counts.get(depth) ?? 0) + 1;
      counts.set(depth, number);
      return { from, to, insert: markerOf(kind, number) };
    });
  });
}

export function listAt(kind: ListKind): (state: EditorState) => boolean {
  return (state) => listKindOf(lineStart(state.doc.lineAt(state.selection.main.head).text)) === kind;
}

function markerOf(kind: ListKind, number: number): string {
  if (kind === "numbered") return `${number}. `;
  return kind === "task" ? "- [ ] " : "- ";
}

/** Checks tasks, or unchecks them when all are checked. */
export const toggleTask: Command = lineCommand((_state, lines) => {
  const tasks = lines.filter(({ text }) => lineStart(text).box !== "");
  const checked = tasks.every(({ text }) => /x/i.test(lineStart(text).box));
  return tasks.map((line) => {
    const { quote, indent, marker } = lineStart(line.text);
    const at = line.from + quote.length + indent.length + marker.length + 1;
    return { from: at, to: at + 1, insert: checked ? " " : "x" };
  });
});

export const quote: Command = lineCommand((_state, lines) => {
  const quoted = lines.every(({ text }) => lineStart(text).quote !== "");
  return lines.map((line) => {
    if (!quoted) return { from: line.from, insert: "> " };
    const mark = /^[ ]{0,3}>[ ]?/.exec(line.text)?.[0] ?? "";
    return { from: line.from, to: line.from + mark.length };
  });
});

export function quoteAt(state: EditorState): boolean {
  return lineStart(state.doc.lineAt(state.selection.main.head).text).quote !== "";
}

/** Puts lines between fences, or takes away the fences that they are between. */
export const codeBlock: Command = ({ state, dispatch }) => {
  ensureSyntaxTree(state, state.selection.main.to, PARSE_MS);
  const spec = state.changeByRange((range) => {
    const node = nodeAt(state, range.head, /^FencedCode$/);
    if (node) {
      const [first, last] = [state.doc.lineAt(node.from), state.doc.lineAt(node.to)];
      const closed = node.getChildren("CodeMark").length > 1 && last.from > first.from;
      const changes: ChangeSpec[] = [{ from: first.from, to: Math.min(first.to + 1, state.doc.length) }];
      if (closed) changes.push({ from: Math.max(last.from - 1, first.to + 1), to: last.to });
      const set = state.changes(changes);
      return { changes, range: EditorSelection.range(set.mapPos(range.anchor), set.mapPos(range.head)) };
    }
    const lines = linesOf(state, range.from, range.to);
    const [from, to] = [lines[0]?.from ?? 0, lines.at(-1)?.to ?? 0];
    const longest = Math.max(
      2,
      ...[...state.sliceDoc(from, to).matchAll(/`{3,}/g)].map(([run]) => run.length),
    );
    const fence = "`".repeat(longest + 1);
    const shift = fence.length + 1;
    return {
      changes: [
        { from, insert: `${fence}\n` },
        { from: to, insert: `\n${fence}` },
      ],
      range: EditorSelection.range(range.anchor + shift, range.head + shift),
    };
  });
  dispatch(state.update(spec, { scrollIntoView: true, userEvent: "input.format" }));
  return true;
};

export function inCodeBlock(state: EditorState): boolean {
  return nodeAt(state, state.selection.main.head, /^FencedCode$/) !== null;
}

/** A rule below the caret's line, and the caret below the rule. */
export const horizontalRule: Command = ({ state, dispatch }) => {
  const line = state.doc.lineAt(state.selection.main.head);
  // Right below words it would make a heading of them.
  const lead = line.text.trim() === "" ? "" : "\n\n";
  const insert = `${lead}---\n\n`;
  const at = lead === "" ? line.from : line.to;
  const next = line.number < state.doc.lines ? state.doc.line(line.number + 1) : null;
  const spare = next !== null && next.text.trim() === "" ? 1 : 0;
  const written = spare ? insert.slice(0, -1) : insert;
  dispatch(
    state.update({
      changes: { from: at, to: lead === "" ? line.to : at, insert: written },
      selection: { anchor: at + written.length + spare },
      scrollIntoView: true,
      userEvent: "input.format",
    }),
  );
  return true;
};

/** Moves items in, as far as the item before them has its words. False where no line is an item. */
export const indentList: Command = lineCommand((state, lines) => {
  const items = lines.filter(({ text }) => lineStart(text).marker !== "");
  const first = items[0];
  if (!first) return [];
  const width = stepOf(state, first);
  return items.map((line) => ({
    from: line.from + lineStart(line.text).quote.length,
    insert: " ".repeat(width),
  }));
});

/** Moves items out. False where no item is in. */
export const outdentList: Command = lineCommand((state, lines) => {
  const items = lines.filter(({ text }) => lineStart(text).marker !== "");
  return items.flatMap((line) => {
    const { quote, indent } = lineStart(line.text);
    const less = indent.endsWith("\t") ? 1 : Math.min(indent.length, outOf(state, line, indent.length));
    const from = line.from + quote.length;
    return less > 0 ? [{ from, to: from + less }] : [];
  });
});

function stepOf(state: EditorState, line: Line): number {
  const own = lineStart(line.text);
  for (let n = line.number - 1; n > 0; n--) {
    const above = lineStart(state.doc.line(n).text);
    if (above.marker === "") break;
    if (above.indent.length <= own.indent.length) return above.marker.length;
  }
  return own.marker.length;
}

/** How far in an item is from the one it belongs to. */
function outOf(state: EditorState, line: Line, indent: number): number {
  for (let n = line.number - 1; n > 0; n--) {
    const above = lineStart(state.doc.line(n).text);
    if (above.marker === "") break;
    if (above.indent.length < indent) return indent - above.indent.length;
  }
  return indent;
}

/** A command that changes the lines of the selection, each of them once; it is false when it changes none. */
function lineCommand(changesOf: (state: EditorState, lines: Line[]) => ChangeSpec[]): Command {
  return ({ state, dispatch }) => {
    const lines = new Map<number, Line>();
    for (const { from, to } of state.selection.ranges) {
      for (const line of linesOf(state, from, to)) lines.set(line.from, line);
    }
    const list = changesOf(state, [...lines.values()]);
    const changes = state.changes(list);
    if (changes.empty) return false;
    const ranges = state.selection.ranges.map(({ anchor, head }) =>
      EditorSelection.range(changes.mapPos(anchor, 1), changes.mapPos(head, 1)),
    );
    dispatch(
      state.update({
        changes,
        selection: EditorSelection.create(ranges, state.selection.mainIndex),
        scrollIntoView: true,
        userEvent: "input.format",
      }),
    );
    return true;
  };
}

/** The lines from one position to another; not the last one when only its beginning is meant. */
function linesOf(state: EditorState, from: number, to: number): Line[] {
  const lines: Line[] = [];
  for (let at = from; at <= to; ) {
    const line = state.doc.lineAt(at);
    if (line.from < to || lines.length === 0) lines.push(line);
    at = line.to + 1;
  }
  return lines;
}

function nodeAt(state: EditorState, at: number, name: RegExp): SyntaxNode | null {
  const tree = syntaxTree(state);
  for (const side of [1, -1] as const) {
    for (let node: SyntaxNode | null = tree.resolveInner(at, side); node; node = node.parent) {
      if (name.test(node.name)) return node;
    }
  }
  return null;
}
