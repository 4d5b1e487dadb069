import { expect, test } from "vitest";
import { textOf, titleOf, wayOf } from "./files";

test.each([
  ["notes.md", "server"],
  ["Report.docx", "server"],
  ["noext", "server"],
  ["main.RS", { kind: "code" }],
  ["Makefile", { kind: "code" }],
  ["app.test.tsx", { kind: "code" }],
  ["server.log", { kind: "text" }],
])("%s", (name, way) => expect(wayOf(name)).toEqual(way));

test("code is called by the whole name of its file, a text without the ending", () => {
  expect(titleOf("main.rs", "code")).toBe("main.rs");
  expect(titleOf("a.b.log", "text")).toBe("a.b");
  expect(titleOf(".log", "text")).toBe(".log");
  expect(titleOf(`a\tb${"🦊".repeat(300)}.csv`, "text")).toMatch(/^a b🦊{197}$/u);
});

test("only text is text", () => {
  const bytes = (...values: number[]) => new Uint8Array(values).buffer;
  expect(textOf(new TextEncoder().encode("中 a\r\n").buffer)).toBe("中 a\r\n");
  expect(textOf(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe("a");
  expect(() => textOf(bytes(0xff, 0xfe, 0x61, 0))).toThrow("notText");
  expect(() => textOf(bytes(0x61, 0))).toThrow("notText");
});
