import { EditorState } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { markdown } from "./markdown";
import { headingsIn, headingsOf } from "./outline";
import { Reader, textOf } from "./reader";
import { Slugs, slugOf } from "./slugs";

function headings(source: string) {
  const reader = new Reader(textOf(source));
  let found: ReturnType<typeof headingsIn> = [];
  reader.listen(({ tree, doc }) => (found = headingsIn(tree, doc)));
  reader.read();
  return found;
}

describe("names of sections", () => {
  test.each([
    ["Hello, World!", "hello-world"],
    ["  Spaces  and --- hyphens ", "spaces--and-----hyphens"],
    ["中文 标题：第 1 节", "中文-标题第-1-节"],
    ["Größe & Maß", "größe--maß"],
    ["snake_case", "snake_case"],
    ["हिन्दी शीर्षक", "हिन्दी-शीर्षक"],
    ["cwl_abc", "-cwl_abc"],
    ["CWL_ABC", "-cwl_abc"],
    ["🎉", "section"],
  ])("%j is %j", (heading, slug) => expect(slugOf(heading)).toBe(slug));

  test("are given once", () => {
    const slugs = new Slugs();
    const given = ["a", "a", "a 1", "a", "a-1"].map((heading) => slugs.next(heading));
    expect(given).toEqual(["a", "a-1", "a-1-1", "a-2", "a-1-2"]);
    expect(new Set(given).size).toBe(given.length);
  });
});

describe("headings", () => {
  test("say what is written, without its marks", () => {
    const source = [
      "# A *b* **c** ~~d~~ `e_f` #",
      "Under `line`[^1]\n===",
      "## [words](https://x.org) and ![picture](a.png)",
      "### a \\* b &amp; &#233;",
      "#",
    ].join("\n\n");
    expect(headings(source).map(({ level, text }) => [level, text])).toEqual([
      [1, "A b c d e_f"],
      [1, "Under line"],
      [2, "words and picture"],
      [3, "a * b & é"],
      [1, ""],
    ]);
  });

  test("are not those in code, lists and quotes", () => {
    expect(headings("```\n# no\n```\n\n> # no\n\n- # no\n\n# yes").map(({ text }) => text)).toEqual(["yes"]);
  });

  test("are told of what an editor holds, where they are", () => {
    const doc = "# One\n\nwords\n\n# One";
    const state = EditorState.create({ doc, extensions: markdown() });
    expect(headingsOf(state)).toEqual([
      { level: 1, text: "One", slug: "one", from: 0 },
      { level: 1, text: "One", slug: "one-1", from: 14 },
    ]);
    expect(headingsOf(EditorState.create({ doc }))).toEqual([]);
  });

  test("are no more than an outline is for", () => {
    expect(headings("# a\n\n".repeat(5000)).length).toBe(2000);
  });
});
