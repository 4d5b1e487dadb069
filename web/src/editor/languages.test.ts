import { expect, test } from "vitest";
import {
  highlightCode,
  LANGUAGES,
  languageNamed,
  languageOfInfo,
  languageOfTitle,
  loadLanguage,
} from "./languages";

test.each([
  ["server.rs", "rust"],
  ["Main.JAVA", "java"],
  ["a.b.tsx", "tsx"],
  ["Dockerfile", "dockerfile"],
  ["notes.txt", undefined],
  ["Go", undefined],
  ["Why we left C.", undefined],
  ["my plan.md", undefined],
  [".env", "ini"],
  ["", undefined],
])("a title of %j is for %s", (title, expected) => {
  expect(languageOfTitle(title)?.id).toBe(expected);
});

test.each([
  ["js {1,3}", "javascript"],
  ["{r}", "r"],
  ["C++", "cpp"],
  ["c#", "csharp"],
  ["objective-c", undefined],
  ["", undefined],
])("an info string of %j means %s", (info, expected) => {
  expect(languageOfInfo(info)?.id).toBe(expected);
});

test("no two languages share a name", () => {
  const names = LANGUAGES.flatMap(({ id, aliases }) => [id, ...aliases]);
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
  for (const { id } of LANGUAGES) expect(languageNamed(id)?.id).toBe(id);
});

test.each(LANGUAGES.map(({ id }) => [id]))(
  "%s can be loaded, and finds something in its code",
  async (id) => {
    const language = await loadLanguage(id);
    expect(language).not.toBeNull();
    expect(language?.parser.parse('if x = "y" then\n').length).toBe(16);
  },
  20_000,
);

test("highlighting loses nothing, and has a class for what means something", async () => {
  const code = 'const a = "b"; // c\n\nreturn 1;';
  expect(highlightCode(code, "no such", () => {})).toBe(false);
  await loadLanguage("js");
  const pieces: [string, string][] = [];
  expect(highlightCode(code, "js", (text, classes) => pieces.push([text, classes]))).toBe(true);
  expect(pieces.map(([text]) => text).join("")).toBe(code);
  expect(pieces).toContainEqual(["const", "code-keyword"]);
  expect(pieces).toContainEqual(['"b"', "code-string"]);
  expect(pieces).toContainEqual(["// c", "code-comment"]);
});
