// @vitest-environment happy-dom
import { EditorState } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { COMMANDS, type CommandId, commandOf, commandsFor, shortcutOf } from "./commands";
import { markdown } from "./markdown";
import { editorWith } from "./testing";
import { redo, undo } from "./undo";

function becomes(id: CommandId, marked: string): string {
  const editor = editorWith(marked);
  commandOf(id).run(editor.view);
  const result = editor.marked();
  expect(editor.text.toString()).toBe(editor.view.state.doc.toString());
  editor.destroy();
  return result;
}

describe("marks", () => {
  test.each([
    ["bold", "a |word| b", "a **|word|** b"],
    ["bold", "a **|word|** b", "a |word| b"],
    ["bold", "a |**word**| b", "a |word| b"],
    ["bold", "a wo|rd b", "a **wo|rd** b"],
    ["bold", "a **wo|rd** b", "a wo|rd b"],
    ["bold", "|", "**|**"],
    ["bold", "**|**", "|"],
    ["italic", "*|*", "|"],
    ["italic", "**|**", "***|***"],
    ["italic", "a **|word|** b", "a ***|word|*** b"],
    ["bold", "a ***|word|*** b", "a *|word|* b"],
    ["italic", "an _|old|_ one", "an |old| one"],
    ["bold", "|one **two** three|", "**|one two three|**"],
    ["bold", "one **t|wo** three| four", "one **t|wo three|** four"],
    ["strikethrough", "|gone|", "~~|gone|~~"],
    ["strikethrough", "~~go|ne~~", "go|ne"],
    ["code", "|x|", "`|x|`"],
    ["code", "|a`b|", "`` |a`b| ``"],
    ["code", "`` |a`b| ``", "|a`b|"],
    ["bold", "| spaced |", "| **spaced** |"],
    ["bold", "|你好|世界", "**|你好|**世界"],
  ] as const)("%s makes of %j %j", (id, before, expected) => {
    expect(becomes(id, before)).toBe(expected);
  });

  test("reach over lines, each of them with marks of its own, and leave what begins a line", () => {
    const lines = "|- one\n- [ ] two\n\n> three\n# four|";
    const bold = becomes("bold", lines);
    expect(bold).toBe("|- **one**\n- [ ] **two**\n\n> **three**\n# **four|**");
    expect(becomes("bold", bold)).toBe("|- one\n- [ ] two\n\n> three\n# four|");
  });

  test.each([
    ["see |this|", "see [this](|)"],
    ["see th|is", "see [this](|)"],
    ["|https://example.org|", "[|](https://example.org)"],
    ["|", "[|]()"],
    ["see [th|is](https://example.org) now", "see th|is now"],
  ])("a link makes of %j %j", (before, expected) => {
    expect(becomes("link", before)).toBe(expected);
  });
});

describe("lines", () => {
  test.each([
    ["heading2", "ti|tle", "## ti|tle"],
    ["heading2", "## ti|tle", "ti|tle"],
    ["heading1", "### ti|tle", "# ti|tle"],
    ["heading1", "|", "# |"],
    ["paragraph", "## ti|tle", "ti|tle"],
    ["heading2", "- it|em", "## it|em"],
    ["heading3", "> quo|ted", "> ### quo|ted"],
    ["heading2", "Ti|tle\n===", "## Ti|tle"],
    ["heading1", "|one\n\ntwo|", "# |one\n\n# two|"],
    ["bulletList", "|one\ntwo|", "- |one\n- two|"],
    ["bulletList", "|- one\n- two|", "|one\ntwo|"],
    ["bulletList", "|", "- |"],
    [
      "numberedList",
      "|- one\n- two\n  - in\n  - it\n- three|",
      "|1. one\n2. two\n  1. in\n  2. it\n3. three|",
    ],
    ["taskList", "|1. one\n2. two|", "|- [ ] one\n- [ ] two|"],
    ["bulletList", "- [x] do|ne", "- do|ne"],
    ["taskList", "- [x] do|ne", "do|ne"],
    ["quote", "|one\n\ntwo|", "> |one\n> \n> two|"],
    ["quote", "|> one\n> two|", "|one\ntwo|"],
    ["toggleTask", "- [ ] o|ne", "- [x] o|ne"],
    ["toggleTask", "- [x] o|ne", "- [ ] o|ne"],
    ["toggleTask", "|- [x] one\n- [ ] two|", "|- [x] one\n- [x] two|"],
    ["codeBlock", "let| x", "```\nlet| x\n```"],
    ["codeBlock", "```js\nlet| x\n```", "let| x"],
    ["codeBlock", "|```\na\n```|", "|a|"],
    ["horizontalRule", "words|", "words\n\n---\n\n|"],
    ["horizontalRule", "words\n|", "words\n---\n\n|"],
    ["indent", "- one\n- t|wo", "- one\n  - t|wo"],
    ["indent", "1. one\n2. t|wo", "1. one\n   2. t|wo"],
    ["outdent", "1. one\n   2. t|wo", "1. one\n2. t|wo"],
    ["moveLineUp", "one\nt|wo", "t|wo\none"],
    ["moveLineDown", "o|ne\ntwo", "two\no|ne"],
    ["duplicateLine", "on|e", "one\non|e"],
  ] as const)("%s makes of %j %j", (id, before, expected) => {
    expect(becomes(id, before)).toBe(expected);
  });

  test("a rule is no item of a list", () => {
    expect(becomes("bulletList", "- - -|")).toBe("- - - -|");
  });

  test("where there is no task, the key is left to others", () => {
    const { view, destroy } = editorWith("wor|ds");
    expect(commandOf("toggleTask").run(view)).toBe(false);
    destroy();
  });
});

describe("tables", () => {
  test("a new one has its first heading selected", () => {
    expect(becomes("table", "words|")).toBe(
      "words\n\n¦ |Column 1| ¦ Column 2 ¦ Column 3 ¦\n¦ --- ¦ --- ¦ --- ¦\n¦  ¦  ¦  ¦\n¦  ¦  ¦  ¦\n",
    );
  });
});

describe("each command", () => {
  const changing = COMMANDS.filter(({ id, writes }) => writes && !["undo", "redo", "replace"].includes(id));

  test.each(changing.map(({ id }) => [id]))(
    "%s is one step of undo, apart from what was typed before it",
    (id) => {
      const editor = editorWith(
        id === "paragraph" ? "words\n## a longer ti|tle" : "- [ ] one\n  - [ ] tw|o\n- [ ] three",
      );
      const { view } = editor;
      view.dispatch({ changes: { from: 18, insert: "!" }, userEvent: "input.type" });
      const typed = view.state.doc.toString();
      expect(commandOf(id).run(view)).toBe(true);
      const done = view.state.doc.toString();
      view.dispatch({ changes: { from: 0, insert: "?" }, userEvent: "input.type" });
      undo(view);
      expect(view.state.doc.toString()).toBe(done);
      undo(view);
      expect(view.state.doc.toString()).toBe(typed);
      redo(view);
      expect(view.state.doc.toString()).toBe(done);
      editor.destroy();
    },
  );

  test.each(changing.map(({ id }) => [id]))("%s is not for readers", (id) => {
    const editor = editorWith("- [ ] one\n- [ ] tw|o", [markdown(), EditorState.readOnly.of(true)]);
    const before = editor.marked();
    expect(commandOf(id).run(editor.view)).toBe(false);
    expect(editor.marked()).toBe(before);
    editor.destroy();
  });

  test("has keys of its own", () => {
    for (const mac of [false, true]) {
      const keys = COMMANDS.map((command) => shortcutOf(command, mac)).filter(Boolean);
      expect(new Set(keys).size).toBe(keys.length);
    }
    expect(shortcutOf(commandOf("quote"), false)).toBe("Ctrl+Shift+.");
    expect(shortcutOf(commandOf("moveLineUp"), true)).toBe("⌥↑");
    expect(shortcutOf(commandOf("outdent"), false)).toBe("Ctrl+[");
  });

  test("tells what is on at the caret", () => {
    const on = (marked: string) => {
      const { view, destroy } = editorWith(marked);
      const active = COMMANDS.filter((command) => command.active?.(view.state)).map(({ id }) => id);
      destroy();
      return active;
    };
    expect(on("wo|rds")).toEqual(["paragraph"]);
    expect(on("# a **b|c**")).toEqual(["bold", "heading1"]);
    expect(on("- [x] ~~*d|one*~~")).toEqual(["italic", "strikethrough", "paragraph", "taskList"]);
    expect(on("> 1. [a `b|`](c)")).toEqual(["code", "link", "paragraph", "numberedList", "quote"]);
    expect(on("```\nx|\n```")).toEqual(["paragraph", "codeBlock"]);
  });

  test("marks are for Markdown", () => {
    const ids = commandsFor("code").map(({ id }) => id);
    expect(ids).not.toContain("bold");
    expect(ids).toContain("duplicateLine");
  });
});
