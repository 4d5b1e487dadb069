// @vitest-environment happy-dom
import { describe, expect, test } from "vitest";
import { previewOf as interactive } from "./testing/previews";

const previewOf = (source: string) => interactive(source, { paper: true });
const html = (source: string) => previewOf(source).host.innerHTML;

describe("updating the preview", () => {
  test("keeps the nodes of what did not change", () => {
    const { host, edit, flush } = previewOf("# A\n\none\n\ntwo\n\nthree");
    const before = [...host.children];
    edit(5, 8, "ONE");
    flush();
    const after = [...host.children];
    expect(after.map((e) => e.textContent)).toEqual(["A", "ONE", "two", "three"]);
    expect(after.map((e, i) => e === before[i])).toEqual([true, false, true, true]);
  });

  test("keeps the nodes between two places that changed, and of what only moved", () => {
    const { host, edit, flush } = previewOf("one\n\ntwo\n\nthree\n\nfour\n\nfive");
    const before = [...host.children];
    edit(0, 0, "zero\n\n");
    edit(6, 9, "ONE");
    edit(23, 27, "FOUR");
    flush();
    const after = [...host.children];
    expect(after.map((e) => e.textContent)).toEqual(["zero", "ONE", "two", "three", "FOUR", "five"]);
    expect(after.map((e) => before.indexOf(e))).toEqual([-1, -1, 1, 2, -1, 4]);
  });

  test("sees that the same words became something else", () => {
    const { host, edit, flush } = previewOf("one\n\ntwo");
    edit(5, 5, "    ");
    flush();
    expect(host.innerHTML).toBe("<p>one</p><pre><code>two</code></pre>");
  });

  test("a new definition reaches the links that use it", () => {
    const { host, edit, flush, source } = previewOf("[a] and more");
    edit(source().length, source().length, "\n\n[a]: https://x.org/");
    flush();
    expect(host.querySelector("a")?.getAttribute("href")).toBe("https://x.org/");
  });

  test("any series of edits ends where a fresh rendering would", () => {
    const pieces = [
      "# ",
      "\n",
      "\n\n",
      "- ",
      "> ",
      "```\n",
      "*",
      "**",
      "word ",
      "[a]",
      "[a]: https://x.org/\n",
      "|",
      "<b>",
      "    ",
      "[^1]",
      "[^1]: ",
    ];
    for (let seed = 1; seed <= 20; seed++) {
      let state = seed * 7919;
      const next = (below: number) => {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        return (state >> 8) % below;
      };
      const live = previewOf("# Start\n\nwith *some* text\n\n- and\n- a list\n");
      for (let step = 0; step < 60; step++) {
        const { length } = live.source();
        const from = next(length + 1);
        live.edit(from, Math.min(length, from + next(3)), pieces[next(pieces.length)] ?? "");
        if (next(3) === 0) live.flush();
      }
      live.flush();
      expect(live.host.innerHTML, `seed ${seed}`).toBe(html(live.source()));
    }
  });
});
