import { expect, test } from "vitest";
import { ariaOf, capsOf, isPressed, nameOf } from "./keys";

const event = (key: string, held: string[] = [], code = "") => ({
  key,
  code,
  ctrlKey: held.includes("ctrl"),
  altKey: held.includes("alt"),
  shiftKey: held.includes("shift"),
  metaKey: held.includes("meta"),
});

test("each keyboard names its own keys, in its own order", () => {
  expect(nameOf("Mod-Shift-p", false)).toBe("Ctrl+Shift+P");
  expect(nameOf("Mod-Shift-p", true)).toBe("⇧⌘P");
  expect(capsOf("Ctrl-Alt-ArrowUp", true)).toEqual(["⌃", "⌥", "↑"]);
  expect(nameOf("Mod--", false)).toBe("Ctrl+-");
  expect(nameOf("?", false)).toBe("?");
  expect(ariaOf("Mod-k", false)).toBe("Control+k");
  expect(ariaOf("Mod-k", true)).toBe("Meta+k");
});

test("an event is a shortcut when exactly its keys are held", () => {
  expect(isPressed(event("k", ["ctrl"]), "Mod-k", false)).toBe(true);
  expect(isPressed(event("k", ["meta"]), "Mod-k", true)).toBe(true);
  expect(isPressed(event("k", ["ctrl"]), "Mod-k", true)).toBe(false);
  expect(isPressed(event("k", ["ctrl", "alt"]), "Mod-k", false)).toBe(false);
  expect(isPressed(event("K", ["ctrl", "shift"]), "Mod-k", false)).toBe(false);
  expect(isPressed(event("P", ["ctrl", "shift"]), "Mod-Shift-p", false)).toBe(true);
  expect(isPressed(event("F6"), "F6", false)).toBe(true);
  expect(isPressed(event("F6", ["shift"]), "F6", false)).toBe(false);
});

test("characters count as what they are, whatever is held to type them", () => {
  expect(isPressed(event("?", ["shift"]), "?", false)).toBe(true);
  expect(isPressed(event("?"), "?", false)).toBe(true);
  expect(isPressed(event("/", ["ctrl", "shift"]), "Mod-/", false)).toBe(true);
});

test("in another alphabet the key's place counts", () => {
  expect(isPressed(event("л", ["ctrl"], "KeyK"), "Mod-k", false)).toBe(true);
  // Dvorak: the letter is what counts, where there is one.
  expect(isPressed(event("t", ["ctrl"], "KeyK"), "Mod-k", false)).toBe(false);
});
