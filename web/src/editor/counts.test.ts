import { Text } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { charactersOf, count, wordsOf } from "./counts";

describe("words", () => {
  test.each([
    ["", 0],
    ["one two  three", 3],
    ["It's well-known: 1,234.5 of them.", 5],
    ["— ... !", 0],
    ["你好，世界", 4],
    ["Cowrite 是一个编辑器", 7],
    ["カタカナとひらがな", 9],
    ["한국어 글", 4],
    ["naïve cafe\u0301 Straße", 3],
    ["**bold** and `code`", 3],
  ])("of %j are %i", (line, expected) => {
    expect(wordsOf(line)).toBe(expected);
  });
});

describe("characters", () => {
  test.each([
    ["plain", 5],
    ["你好", 2],
    ["cafe\u0301", 4],
    ["👩‍👩‍👧 👍🏽", 3],
    ["🇨🇳", 1],
  ])("of %j are %i", (line, expected) => {
    expect(charactersOf(line)).toBe(expected);
  });

  test("of an endless line are counted by rule", () => {
    expect(charactersOf("👍🏽e\u0301".repeat(5_000))).toBe(10_000);
  });
});

describe("a document", () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `Line ${n} has five words.`);
  const text = Text.of(lines);

  test("is counted without its line breaks", () => {
    expect(count(text)).toEqual({ words: 100_000, characters: lines.join("").length });
  });

  test("is counted in pieces of time, each going on where the last one ended", () => {
    const fresh = Text.of(lines);
    let clock = 0;
    const now = () => clock++;
    let rounds = 1;
    while (count(fresh, clock + 50, now) === null) rounds++;
    expect(rounds).toBeGreaterThan(5);
    expect(count(fresh)).toEqual(count(text));
  });

  test("is counted again at the price of what changed", () => {
    count(text);
    const edited = text.replace(text.line(10_000).from, text.line(10_000).from, Text.of(["Two words "]));
    let leaves = 0;
    const counts = count(edited, Number.POSITIVE_INFINITY, () => leaves++);
    expect(counts?.words).toBe(100_002);
    expect(leaves).toBeLessThan(5);
    const part = count(edited.slice(100, edited.length - 100), Number.POSITIVE_INFINITY, () => leaves++);
    expect(part?.words).toBeGreaterThan(99_000);
    expect(leaves).toBeLessThan(12);
  });
});
