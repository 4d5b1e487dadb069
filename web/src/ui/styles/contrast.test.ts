/** Holds the colours of base.css to what WCAG asks of text: 4.5 : 1 (AA), and 7 : 1 (AAA) in high contrast. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contrast } from "../../editor";

type Side = "light" | "dark";

const css = readFileSync(join(import.meta.dirname, "base.css"), "utf8");
const plain = colorsIn(":root");
const high = new Map([...plain, ...colorsIn(':root[data-contrast="more"]')]);

/** What is written in which colour, on what. */
const TEXT = ["ink", "ink-2", "ink-3", "accent-ink", "good", "warn", "bad"];
const PAPER = ["bg", "surface", "raised"];
const PAIRS: readonly [string, string][] = [
  ...TEXT.flatMap((text) => PAPER.map((paper): [string, string] => [text, paper])),
  ["ink", "code"],
  ["on-accent", "accent"],
  // A button that destroys, and a notice.
  ["bg", "bad"],
  ["bg", "ink"],
  ["ink-2", "warn-soft"],
  ["warn", "warn-soft"],
  ["ink", "bad-soft"],
  ["bad", "bad-soft"],
];

test.each<[string, Map<string, Record<Side, string>>, Side, number]>([
  ["light", plain, "light", 4.5],
  ["dark", plain, "dark", 4.5],
  ["light, high contrast", high, "light", 7],
  ["dark, high contrast", high, "dark", 7],
])("text stands out: %s", (_, colors, side, least) => {
  const of = (name: string) => colors.get(name)?.[side] ?? "";
  const weak = PAIRS.map(([text, paper]) => ({ text, paper, ratio: contrast(of(text), of(paper)) }));
  expect(weak.filter(({ ratio }) => !(ratio >= least))).toEqual([]);
});

test("what shows where the focus is, and the edges in high contrast, can be told from the page (3 : 1)", () => {
  for (const side of ["light", "dark"] as const) {
    for (const paper of PAPER) {
      const of = (colors: typeof plain, name: string) => colors.get(name)?.[side] ?? "";
      expect(contrast(of(plain, "accent"), of(plain, paper))).toBeGreaterThanOrEqual(3);
      expect(contrast(of(high, "line"), of(high, paper))).toBeGreaterThanOrEqual(3);
      expect(contrast(of(high, "line-strong"), of(high, paper))).toBeGreaterThanOrEqual(3);
    }
  }
});

/** The opaque colours of one block; those with an alpha are laid over others. */
function colorsIn(selector: string) {
  const block = css.slice(css.indexOf(`${selector} {`)).split("\n}")[0] ?? "";
  const found = block.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g);
  return new Map([...found].map(([, name = "", light = "", dark = ""]) => [name, { light, dark }]));
}
