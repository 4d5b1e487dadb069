import { expect, test } from "vitest";
import { marksIn, partsOf, withoutPrefix } from "./marks";

test.each([
  ["The plan, unplanned", "plan", ["plan"]],
  ["Plans of Ålesund", "ales PLAN", ["Plan", "Åles"]],
  ["Résumé", "resume", ["Résumé"]],
  ["一个计划书 v2", "计划 v", ["计划", "v"]],
  ["2026计划", "2026计划", ["2026", "计划"]],
  ["🦊 fox", "fox", ["fox"]],
  ["nothing", "", []],
  ["(a+b)", "+", []],
])("%j, looked for with %j", (text, query, found) => {
  const marks = marksIn(text, query);
  expect(marks.map(([from, to]) => text.slice(from, to))).toEqual(found);
});

test("a text falls apart at its marks, and loses nothing", () => {
  const parts = partsOf("a plan b", [[2, 6]]);
  expect(parts.map(({ text, marked }) => (marked ? `[${text}]` : text)).join("")).toBe("a [plan] b");
  expect(partsOf("ab", [])).toEqual([{ text: "ab", marked: false }]);
});

test("marks that make no sense mark nothing", () => {
  const parts = partsOf("abc", [
    [1, 2],
    [0, 3],
    [2, 9],
    [2, 2],
  ]);
  expect(parts.map(({ text }) => text).join("")).toBe("abc");
  expect(parts.filter(({ marked }) => marked)).toHaveLength(1);
});

test("a line begins with its first word", () => {
  expect(withoutPrefix("## Plan", [[3, 7]])).toEqual({ text: "Plan", marks: [[0, 4]] });
  expect(withoutPrefix("> - a", [])).toEqual({ text: "a", marks: [] });
  expect(withoutPrefix("#tag -1", [[1, 4]])).toEqual({ text: "#tag -1", marks: [[1, 4]] });
});
