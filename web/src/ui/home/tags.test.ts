import { expect, test } from "vitest";
import { suggestions, tagsOf, withTags } from "./tags";

test("a tag is added once, as it is known", () => {
  expect(withTags(["a"], "  b  c ", [])).toEqual({ tags: ["a", "b c"], problem: null });
  expect(withTags(["a"], "A", [])).toEqual({ tags: ["a"], problem: null });
  expect(withTags([], "work", ["Work"])).toEqual({ tags: ["Work"], problem: null });
  expect(withTags(["a"], " ", [])).toEqual({ tags: ["a"], problem: null });
  expect(withTags([], "工作，家, x、y", [])).toEqual({ tags: ["工作", "家", "x", "y"], problem: null });
});

test("more than the server takes is not added", () => {
  expect(withTags([], "🦊".repeat(32), []).problem).toBe(null);
  expect(withTags(["a"], "x".repeat(33), [])).toEqual({ tags: ["a"], problem: "long" });
  const full = Array.from({ length: 16 }, (_, n) => `t${n}`);
  expect(withTags(full, "one more", [])).toEqual({ tags: full, problem: "many" });
  expect(withTags(full, "t3", []).problem).toBe(null);
});

test("known tags are suggested, the most used first", () => {
  const known = tagsOf([{ tags: ["rare", "work"] }, { tags: ["work"] }, { tags: ["word"] }]);
  expect(known).toEqual(["work", "rare", "word"]);
  expect(suggestions(["rare"], "WO", known)).toEqual(["work", "word"]);
  expect(suggestions([], "", known)).toEqual(known);
});
