import { describe, expect, test } from "vitest";
import { numerals } from "../i18n/intl";
import { fileName, relativeTime, secondsUntil, spaceUsed } from "./format";
import { documentPath, routeOf } from "./router";

const MINUTE = 60_000;
const NOW = Date.UTC(2030, 5, 15, 12);

describe("numbers", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1_234_567, "1,234,567"],
    [-5, "-5"],
  ])("%i is written %s, as Intl writes it", (n, expected) => {
    for (const locale of ["en", "zh-CN"]) {
      expect(numerals(locale)(n)).toBe(expected);
      expect(new Intl.NumberFormat(locale).format(n)).toBe(expected);
    }
  });
});

describe("times", () => {
  test.each([
    [0, "now"],
    [59_000, "now"],
    [-5 * MINUTE, "now"],
    [MINUTE, "1 minute ago"],
    [59 * MINUTE, "59 minutes ago"],
    [60 * MINUTE, "1 hour ago"],
    [24 * 60 * MINUTE, "yesterday"],
    [8 * 24 * 60 * MINUTE, "last week"],
    [65 * 24 * 60 * MINUTE, "2 months ago"],
    [800 * 24 * 60 * MINUTE, "2 years ago"],
  ])("%i ms before now is %s", (past_ms, expected) => {
    expect(relativeTime(NOW - past_ms, NOW, "en")).toBe(expected);
  });

  test("the countdown never runs below zero, and never to infinity", () => {
    expect(secondsUntil(NOW + 1001, NOW)).toBe(2);
    expect(secondsUntil(NOW - 5000, NOW)).toBe(0);
    expect(secondsUntil(Number.POSITIVE_INFINITY, NOW)).toBeNull();
  });
});

describe("words", () => {
  test("how much of its space a document uses is never rounded up", () => {
    expect(spaceUsed({ used: 62_000_000, limit: 64 << 20 })).toBe("92% of 64 MB");
    expect(spaceUsed({ used: (64 << 20) - 1, limit: 64 << 20 })).toBe("99% of 64 MB");
    expect(spaceUsed({ used: 60_000, limit: 64 << 10 })).toBe("91% of 64 KB");
  });

  test.each([
    ["Spring letter", "Spring letter.md"],
    ["", "Untitled.md"],
    ["../../etc/passwd", "etc passwd.md"],
    ['a<b>:"c"|?*\\d', "a b c d.md"],
    [".hidden", "hidden.md"],
    ["x".repeat(500), `${"x".repeat(80)}.md`],
  ])("the file for %j", (title, expected) => {
    expect(fileName(title, "md")).toBe(expected);
  });
});

describe("addresses", () => {
  test.each([
    ["/", { page: "home" }],
    ["/d/abc", { page: "document", id: "abc" }],
    ["/d/A.b_c~d-9/", { page: "document", id: "A.b_c~d-9" }],
    ["/d/", { page: "missing" }],
    ["/d/a/b", { page: "missing" }],
    ["/d/%2e%2e", { page: "missing" }],
    [`/d/${"x".repeat(129)}`, { page: "missing" }],
    ["/elsewhere", { page: "missing" }],
  ])("%s", (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });

  test("lead back to where they came from", () => {
    expect(routeOf(documentPath("a.b_c~d-9"))).toEqual({ page: "document", id: "a.b_c~d-9" });
  });
});
