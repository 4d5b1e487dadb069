import { expect, test } from "vitest";
import { match } from "./match";

/** The name with what was found in brackets; null when it does not fit. */
function shown(query: string, name: string): string | null {
  const found = match(query, name);
  if (found === null) return null;
  let [text, at] = ["", 0];
  for (const [from, to] of found.marks) {
    text += `${name.slice(at, from)}[${name.slice(from, to)}]`;
    at = to;
  }
  return text + name.slice(at);
}

/** The names that fit, the best first. */
function ranked(query: string, names: string[]): string[] {
  const scored = names.map((name) => ({ name, found: match(query, name) }));
  return scored
    .filter(({ found }) => found !== null)
    .sort((a, b) => (b.found?.score ?? 0) - (a.found?.score ?? 0))
    .map(({ name }) => name);
}

test.each([
  ["", "Bold", "Bold"],
  ["bold", "Bold", "[Bold]"],
  ["BO", "Bold", "[Bo]ld"],
  ["table in", "Insert a table", "[In]sert a [table]"],
  ["togtb", "Toggle toolbar", "[Tog]gle [t]ool[b]ar"],
  ["h2", "Heading 2", "[H]eading [2]"],
  ["cafe", "Café au lait", "[Café] au lait"],
  ["目录", "插入目录", "插入[目录]"],
  ["插目", "插入目录", "[插]入[目]录"],
  ["ｂｏｌｄ", "Bold", "[Bold]"],
  ["🎉", "Party 🎉 plan", "Party [🎉] plan"],
  ["plan", "🎉🎉 plan", "🎉🎉 [plan]"],
])("%j in %j is %j", (query, name, expected) => {
  expect(shown(query, name)).toBe(expected);
});

test.each([
  ["xyz", "Bold"],
  ["bold table", "Bold"],
  ["dlob", "Bold"],
  // All four letters are there, in this order, and nobody means it.
  ["ltrd", "All about the introduction of notes"],
  ["粗体", "体粗"],
])("%j is not in %j", (query, name) => {
  expect(match(query, name)).toBeNull();
});

test("what begins with the query comes before what has a word that does, and that before the middle of a word", () => {
  expect(ranked("tab", ["Stable", "Insert a table", "Table of contents"])).toEqual([
    "Table of contents",
    "Insert a table",
    "Stable",
  ]);
});

test("of equally good names the shorter comes first", () => {
  expect(ranked("export", ["Export as a web page", "Export"])).toEqual(["Export", "Export as a web page"]);
});

test("marks never overlap and stay inside the name", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  let state = seed;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const text = (most: number) =>
    Array.from({ length: random(most) }, () => ["a", "B", "é", "目", "🎉", " ", "-", "2"][random(8)]).join(
      "",
    );
  for (let n = 0; n < 3000; n++) {
    const [query, name] = [text(5), text(14)];
    const found = match(query, name);
    let last = -1;
    for (const [from, to] of found?.marks ?? []) {
      expect(from > last && to > from && to <= name.length, `seed ${seed}: ${query} in ${name}`).toBe(true);
      last = to;
    }
  }
});
