import { expect, test } from "vitest";
import { ALL, isSearch, queryOf, searchOf, type View, viewOf } from "./view";

test("what the page shows by itself needs no address", () => {
  expect(searchOf(ALL)).toBe("");
  expect(viewOf("")).toEqual(ALL);
  expect(viewOf("?other=1&sort=magic&tag=%20&q=")).toEqual(ALL);
});

test.each<View>([
  { ...ALL, query: "a & b = 计划" },
  { ...ALL, tag: "R&D", sort: "title" },
  { ...ALL, trash: true, sort: "created" },
  { query: "plan ", tag: "x", sort: "title", trash: false },
])("an address leads back to %j", (view) => {
  expect(viewOf(searchOf(view))).toEqual(view);
});

test("blanks are nothing to look for", () => {
  expect(isSearch({ ...ALL, query: "  " })).toBe(false);
  expect(searchOf({ ...ALL, query: "  " })).toBe("");
  expect(isSearch({ ...ALL, query: "x" })).toBe(true);
});

test("a query is cut to what the server takes, between characters", () => {
  expect([...queryOf("🦊".repeat(300))]).toHaveLength(200);
  expect(queryOf("short ")).toBe("short ");
});
