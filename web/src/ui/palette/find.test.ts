import { expect, test } from "vitest";
import type { Entry, Group } from "./entries";
import { everything, find } from "./find";

const entry = (name: string, group: Group = "app", also?: string): Entry => ({
  id: name.toLowerCase().replaceAll(" ", "-"),
  group,
  name,
  ...(also && { also }),
  run() {},
});

const names = (shown: readonly { entry: Entry }[]) => shown.map(({ entry }) => entry.name);

test("before anything is typed there is what was used last, and then the rest by its group", () => {
  const entries = [
    entry("Settings", "settings"),
    entry("Bold", "format"),
    entry("Share", "document"),
    entry("Home"),
  ];
  const sections = everything(entries, ["home", "gone", "bold"]);
  expect(sections.map(({ group, shown }) => [group, ...names(shown)])).toEqual([
    ["recent", "Home", "Bold"],
    ["document", "Share"],
    ["settings", "Settings"],
  ]);
});

test("headings are found, and do not fill the list before anything is typed", () => {
  const entries = [entry("Introduction", "headings"), entry("Bold", "format")];
  expect(everything(entries, []).flatMap(({ shown }) => names(shown))).toEqual(["Bold"]);
  expect(names(find("intro", entries, []))).toEqual(["Introduction"]);
});

test("a name counts for more than another word for it, and what was used last for more than what was not", () => {
  const entries = [entry("粗体", "format", "bold"), entry("Bold"), entry("Bolder")];
  expect(names(find("bold", entries, []))).toEqual(["Bold", "Bolder", "粗体"]);
  expect(names(find("bold", entries, ["bolder"]))).toEqual(["Bolder", "Bold", "粗体"]);
});

test("what is found by another word has nothing marked in its name", () => {
  expect(find("bold", [entry("粗体", "format", "bold")], [])[0]?.marks).toEqual([]);
});
