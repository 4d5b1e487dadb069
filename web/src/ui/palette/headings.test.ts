import { expect, test } from "vitest";
import { headingsIn } from "./headings";

const lines = (text: string) => headingsIn(text).map(({ level, text }) => `${"#".repeat(level)} ${text}`);

test("headings have their level and the place where their line begins", () => {
  const text = "# One\n\ntext\n\n### Three ###\nunder\n=====\n- no\n---\n";
  expect(headingsIn(text)).toEqual([
    { text: "One", level: 1, offset: 0 },
    { text: "Three", level: 3, offset: text.indexOf("###") },
    { text: "under", level: 1, offset: text.indexOf("under") },
  ]);
});

test("what is in a fence is code, until a fence as long closes it", () => {
  expect(lines("```sh\n# no\n~~~\n# no\n```\n# yes\n~~~~\n# no\n~~~\n# no\n~~~~\n## yes")).toEqual([
    "# yes",
    "## yes",
  ]);
});

test("marks of Markdown are not said", () => {
  expect(
    lines("## **Bold** and `code`\n# [Link](https://example.org) _x_\n# 目录\n#hashtag\n#\n####### seven"),
  ).toEqual(["## Bold and code", "# Link x", "# 目录"]);
});

test("a line under nothing is a line", () => {
  expect(lines("\n---\n# a\n---\n> quote\n---\n    code\n---")).toEqual(["# a"]);
});
