/** Holds the colours of code to what WCAG asks of text: 4.5 : 1 (AA), and 7 : 1 (AAA) in high contrast. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contrast } from "../../editor";

const read = (name: string) => readFileSync(join(import.meta.dirname, name), "utf8");

/** The opaque colours of one block, each in light and in dark. */
function colorsIn(css: string, selector: string): Map<string, [string, string]> {
  const block = css.slice(css.indexOf(`${selector} {`)).split("\n}")[0] ?? "";
  const found = block.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g);
  return new Map([...found].map(([, name = "", light = "", dark = ""]) => [name, [light, dark]]));
}

test.each([
  [":root", 4.5],
  [':root[data-contrast="more"]', 7],
])("code stands out from the page and from its block: %s", (selector, least) => {
  const page = colorsIn(read("base.css"), selector);
  const words = colorsIn(read("code.css"), selector);
  expect(words.size).toBe(8);
  const pairs = [...words].flatMap(([word, inks]) =>
    ["bg", "surface", "code"].flatMap((paper) =>
      inks.map((ink, side) => ({ word, paper, side, ratio: contrast(ink, page.get(paper)?.[side] ?? "") })),
    ),
  );
  expect(pairs.filter(({ ratio }) => !(ratio >= least))).toEqual([]);
});
