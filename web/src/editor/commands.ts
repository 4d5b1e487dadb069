/**
 * What can be done to a document besides typing, as one list: the toolbar, the keys, the command palette and the sheet of shortcuts
 * all read it. What a command is called is the dictionary's (`editor.commands`, by id).
 */
import { copyLineDown, indentLess, indentMore, moveLineDown, moveLineUp } from "@codemirror/commands";
import type { EditorState } from "@codemirror/state";
import type { Command, EditorView, KeyBinding } from "@codemirror/view";
import {
  codeBlock,
  heading,
  headingAt,
  horizontalRule,
  inCodeBlock,
  indentList,
  list,
  listAt,
  outdentList,
  quote,
  quoteAt,
  toggleTask,
} from "./blocks";
import { isLinked, isMarked, link, toggleMark } from "./inline";
import type { Kind } from "./setup";
import { insertTable, nextCell, previousCell } from "./tables";
import { asOneStep, redo, undo } from "./undo";

export interface EditorCommand {
  readonly id: CommandId;
  /** The keys, as `@codemirror/view` writes them; of several, the first is the one to tell people. */
  readonly keys: readonly string[];
  /** The documents it is for. */
  readonly kinds: readonly Kind[];
  /** Whether it changes the text, which readers may not. */
  readonly writes: boolean;
  /** Does it, in one step of undo; false when there is nothing to do here. */
  run(view: EditorView): boolean;
  /** Whether it is on where the caret is, for what is on or off. */
  active?(state: EditorState): boolean;
}

export type CommandId =
  | "bold"
  | "italic"
  | "strikethrough"
  | "code"
  | "link"
  | "heading1"
  | "heading2"
  | "heading3"
  | "paragraph"
  | "bulletList"
  | "numberedList"
  | "taskList"
  | "toggleTask"
  | "quote"
  | "codeBlock"
  | "table"
  | "horizontalRule"
  | "undo"
  | "redo"
  | "find"
  | "replace"
  | "indent"
  | "outdent"
  | "moveLineUp"
  | "moveLineDown"
  | "duplicateLine";

const MARKDOWN: readonly Kind[] = ["markdown"];
const EVERY: readonly Kind[] = ["markdown", "text", "code"];

/** Whether this is a machine whose shortcuts go by Command. */
const MAC = /Mac|iP(?:hone|[oa]d)/.test(globalThis.navigator?.platform ?? "");

export const COMMANDS: readonly EditorCommand[] = [
  change("bold", ["Mod-b"], MARKDOWN, toggleMark("bold"), isMarked("bold")),
  change("italic", ["Mod-i"], MARKDOWN, toggleMark("italic"), isMarked("italic")),
  change("strikethrough", ["Mod-Shift-x"], MARKDOWN, toggleMark("strikethrough"), isMarked("strikethrough")),
  change("code", ["Mod-e"], MARKDOWN, toggleMark("code"), isMarked("code")),
  change("link", ["Mod-k"], MARKDOWN, link, isLinked),
  change("heading1", ["Mod-Alt-1"], MARKDOWN, heading(1), headingAt(1)),
  change("heading2", ["Mod-Alt-2"], MARKDOWN, heading(2), headingAt(2)),
  change("heading3", ["Mod-Alt-3"], MARKDOWN, heading(3), headingAt(3)),
  change("paragraph", ["Mod-Alt-0"], MARKDOWN, heading(0), headingAt(0)),
  change("bulletList", ["Mod-Shift-8"], MARKDOWN, list("bullet"), listAt("bullet")),
  change("numberedList", ["Mod-Shift-7"], MARKDOWN, list("numbered"), listAt("numbered")),
  change("taskList", ["Mod-Shift-9"], MARKDOWN, list("task"), listAt("task")),
  change("toggleTask", ["Mod-Enter"], MARKDOWN, toggleTask),
  change("quote", ["Mod-Shift-."], MARKDOWN, quote, quoteAt),
  change("codeBlock", ["Mod-Alt-c"], MARKDOWN, codeBlock, inCodeBlock),
  change("table", [], MARKDOWN, insertTable),
  change("horizontalRule", [], MARKDOWN, horizontalRule),
  { id: "undo", keys: ["Mod-z"], kinds: EVERY, writes: true, run: undo },
  {
    id: "redo",
    keys: MAC ? ["Mod-Shift-z", "Mod-y"] : ["Mod-y", "Mod-Shift-z"],
    kinds: EVERY,
    writes: true,
    run: redo,
  },
  { id: "find", keys: ["Mod-f"], kinds: EVERY, writes: false, run: searching((search) => search.find) },
  {
    id: "replace",
    keys: MAC ? ["Mod-Alt-f", "Mod-Shift-f"] : ["Mod-h", "Mod-Shift-f", "Mod-Alt-f"],
    kinds: EVERY,
    writes: true,
    run: searching((search) => search.replace),
  },
  change("indent", ["Mod-]"], EVERY, first(indentList, indentMore)),
  change("outdent", ["Mod-["], EVERY, first(outdentList, indentLess)),
  change("moveLineUp", ["Alt-ArrowUp"], EVERY, moveLineUp),
  change("moveLineDown", ["Alt-ArrowDown"], EVERY, moveLineDown),
  change("duplicateLine", ["Shift-Alt-ArrowDown"], EVERY, copyLineDown),
];

/** The commands' keys, for a document of this kind. */
export function commandKeys(kind: Kind): KeyBinding[] {
  const keys = commandsFor(kind).flatMap(({ keys, run }) =>
    keys.map((key): KeyBinding => ({ key, run, preventDefault: true })),
  );
  if (kind !== "markdown") return keys;
  // Where Tab means nothing it goes on to what is next on the page, as everywhere.
  const tab =
    (command: Command): Command =>
    (view) =>
      !view.state.readOnly && asOneStep(view, command);
  return [
    ...keys,
    { key: "Tab", run: tab(first(nextCell, indentList)), shift: tab(first(previousCell, outdentList)) },
  ];
}

export function commandsFor(kind: Kind): readonly EditorCommand[] {
  return COMMANDS.filter(({ kinds }) => kinds.includes(kind));
}

export function commandOf(id: CommandId): EditorCommand {
  const command = COMMANDS.find((command) => command.id === id);
  if (!command) throw new Error(`there is no command ${id}`);
  return command;
}

/** A command's first key as people read it, such as `Ctrl+B` or `⌘B`; empty when it has none. */
export function shortcutOf({ keys }: EditorCommand, mac = MAC): string {
  const parts = (keys[0] ?? "").match(/[^-]+|-$/g) ?? [];
  const named = parts.map((part) => {
    if (part === "Mod") return mac ? "⌘" : "Ctrl";
    const name = (mac ? MAC_KEYS : KEYS)[part] ?? part;
    return name.length === 1 ? name.toUpperCase() : name;
  });
  return named.join(mac ? "" : "+");
}

const KEYS: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓" };
const MAC_KEYS: Record<string, string> = { ...KEYS, Shift: "⇧", Alt: "⌥", Ctrl: "⌃", Enter: "↩" };

/** A command that changes the text: never a reader's, and one step of undo whatever was typed just before it. */
function change(
  id: CommandId,
  keys: readonly string[],
  kinds: readonly Kind[],
  command: Command,
  active?: (state: EditorState) => boolean,
): EditorCommand {
  const run = (view: EditorView) => !view.state.readOnly && asOneStep(view, command);
  return { id, keys, kinds, writes: true, run, ...(active && { active }) };
}

/** The first of two commands that has something to do. */
function first(one: Command, other: Command): Command {
  return (view) => one(view) || other(view);
}

/** Opens the search panel, whose code comes when it is first wanted. */
function searching(choose: (search: typeof import("./search")) => Command): Command {
  return (view) => {
    import("./search").then((search) => choose(search)(view)).catch(() => {});
    return true;
  };
}
