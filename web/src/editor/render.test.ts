// @vitest-environment happy-dom
import { EditorState, Text } from "@codemirror/state";
import { describe, expect, test } from "vitest";
import { decodeEntity } from "./entities";
import { MarkdownPreview } from "./preview";
import { safeImage, safeLink } from "./render";

function shown(source: string): HTMLElement {
  const host = document.createElement("article");
  const preview = new MarkdownPreview(host);
  preview.show(Text.of(source.split("\n")), null);
  preview.flush();
  return host;
}

const html = (source: string) => shown(source).innerHTML;

const LINK = 'target="_blank" rel="noopener noreferrer nofollow ugc"';

describe("the preview", () => {
  test.each([
    ["# Title #", "<h1>Title</h1>"],
    ["Title\n===", "<h1>Title</h1>"],
    ["### `x` *y*", "<h3><code>x</code> <em>y</em></h3>"],
    ["**bold _both_** ~~gone~~", "<p><strong>bold <em>both</em></strong> <del>gone</del></p>"],
    ["one  \ntwo\\\nthree", "<p>one<br>two<br>three</p>"],
    ["a \\* b &amp; &eacute; &#233;", "<p>a * b &amp; &amp;eacute; é</p>"],
    ["`` a`b ``", "<p><code>a`b</code></p>"],
    ["> quote\n> more", "<blockquote><p>quote\n more</p></blockquote>"],
    ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
    ["- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"],
    ["3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'],
    ["- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>"],
    ["---", "<hr>"],
    [
      "```rust\nfn main() {}\n\n// <b>\n```",
      '<pre data-language="rust"><code>fn main() {}\n\n// &lt;b&gt;</code></pre>',
    ],
    ["    indented\n    code", "<pre><code>indented\ncode</code></pre>"],
    ["> ```\n> a\n> b\n> ```", "<blockquote><pre><code>a\nb</code></pre></blockquote>"],
    ["[a *b*](https://x.org/ 'T')", `<p><a href="https://x.org/" ${LINK}>a <em>b</em></a></p>`],
    ["[a][r]\n\n[R]: https://x.org/", `<p><a href="https://x.org/" ${LINK}>a</a></p>`],
    ["[r]\n\n[r]: <https://x.org/a>", `<p><a href="https://x.org/a" ${LINK}>r</a></p>`],
    ["[just words]", "<p>[just words]</p>"],
    ["<https://x.org/>", `<p><a href="https://x.org/" ${LINK}>https://x.org/</a></p>`],
    ["see www.x.org now", `<p>see <a href="https://www.x.org/" ${LINK}>www.x.org</a> now</p>`],
    ["a@x.org", `<p><a href="mailto:a@x.org" ${LINK}>a@x.org</a></p>`],
    ["H~2~O x^2^ :smile:", "<p>H~2~O x^2^ :smile:</p>"],
  ])("%j", (source, expected) => {
    expect(html(source)).toBe(expected);
  });

  test("tables, with empty cells and alignment", () => {
    const host = shown("| a | b | c |\n|:--|:-:|--:|\n| 1 |  | *3* |\n| x \\| y |");
    const rows = [...host.querySelectorAll("tr")].map((row) =>
      [...row.children].map((cell) => cell.innerHTML),
    );
    expect(rows).toEqual([
      ["a", "b", "c"],
      ["1", "", "<em>3</em>"],
      ["x | y", "", ""],
    ]);
    expect([...host.querySelectorAll("th")].map((cell) => cell.className)).toEqual([
      "left",
      "center",
      "right",
    ]);
  });

  test("tasks", () => {
    const boxes = [...shown("- [x] done\n- [ ] to do").querySelectorAll("input")];
    expect(boxes.map((box) => [box.type, box.disabled, box.checked])).toEqual([
      ["checkbox", true, true],
      ["checkbox", true, false],
    ]);
  });

  test("images from safe places only", () => {
    const host = shown(
      "![A *cat*](https://x.org/cat.png) ![b](http://x.org/b.png) ![c](data:image/svg+xml;base64,AA)",
    );
    const images = [...host.querySelectorAll("img")];
    expect(images.map((image) => [image.getAttribute("src"), image.getAttribute("alt")])).toEqual([
      ["https://x.org/cat.png", "A *cat*"],
    ]);
    expect([...host.querySelectorAll(".missing-image")].map((e) => e.textContent)).toEqual(["b", "c"]);
  });
});

describe("nothing of the writer's becomes code", () => {
  const attacks = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <img src=x onerror=alert(1)> text",
    "<svg/onload=alert(1)>",
    "<!-- <script>alert(1)</script> -->",
    "<?php <script> ?>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\u0000script:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61;vascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//x.org)",
    "[x](blob:https://x.org/1)",
    "![x](javascript:alert(1))",
    '![" onerror=alert(1) x="](https://x.org/"onerror=alert(1))',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[a](https://x.org/"onmouseover="alert(1))',
    '```"><script>alert(1)</script>\ncode\n```',
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <b onclick=alert(1)>x</b>",
    "- [x] <input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[![x](https://x.org/a.png)](javascript:alert(1))",
  ];
  const TAGS = /^(?:P|A|SPAN|IMG|H1|UL|LI|INPUT|PRE|CODE|DIV|TABLE|THEAD|TBODY|TR|TH|TD|EM|BR|STRONG)$/;
  const ATTRIBUTES =
    /^(?:href|target|rel|src|alt|loading|referrerpolicy|class|type|disabled|checked|data-language|start)$/;

  test.each(attacks)("%j", (source) => {
    for (const element of shown(source).querySelectorAll("*")) {
      expect(element.tagName).toMatch(TAGS);
      for (const { name, value } of element.attributes) {
        expect(name).toMatch(ATTRIBUTES);
        if (name === "href") expect(value).toMatch(/^(?:https?:\/\/|mailto:)/);
        if (name === "src") expect(value).toMatch(/^https:\/\//);
      }
    }
  });

  test("raw HTML is shown as it was written", () => {
    expect(shown("a <b>c</b>\n\n<div>\nblock\n</div>").textContent).toBe("a <b>c</b><div>\nblock\n</div>");
  });

  test("absurd nesting is shown, not crashed on", () => {
    for (const source of [
      ">".repeat(5000),
      "[".repeat(5000),
      "*".repeat(5000),
      "- ".repeat(3000),
      "![".repeat(3000),
    ]) {
      expect(shown(`${source}x`).textContent).toContain("x");
    }
  });

  test("addresses", () => {
    expect(safeLink("https://x.org")).toBe("https://x.org/");
    expect(safeLink("mailto:a@b.c")).toBe("mailto:a@b.c");
    expect(safeLink("#top")).toBeNull();
    expect(safeLink("/d/other")).toBeNull();
    expect(safeImage("data:image/png;base64,iVBORw0KGgo=")).toBe("data:image/png;base64,iVBORw0KGgo=");
    expect(safeImage("data:image/png,<svg>")).toBeNull();
    expect(decodeEntity("&#0;")).toBe("\ufffd");
    expect(decodeEntity("&constructor;")).toBe("&constructor;");
  });
});

describe("updating the preview", () => {
  function preview(source: string) {
    const host = document.createElement("article");
    const view = new MarkdownPreview(host);
    let state = EditorState.create({ doc: source });
    view.show(state.doc, null);
    view.flush();
    const edit = (from: number, to: number, insert: string) => {
      const transaction = state.update({ changes: { from, to, insert } });
      state = transaction.state;
      view.show(state.doc, transaction.changes.desc);
    };
    return { host, edit, flush: () => view.flush(), source: () => state.doc.toString() };
  }

  test("keeps the nodes of what did not change", () => {
    const { host, edit, flush } = preview("# A\n\none\n\ntwo\n\nthree");
    const before = [...host.children];
    edit(5, 8, "ONE");
    flush();
    const after = [...host.children];
    expect(after.map((e) => e.textContent)).toEqual(["A", "ONE", "two", "three"]);
    expect(after.map((e, i) => e === before[i])).toEqual([true, false, true, true]);
  });

  test("keeps the nodes between two places that changed, and of what only moved", () => {
    const { host, edit, flush } = preview("one\n\ntwo\n\nthree\n\nfour\n\nfive");
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
    const { host, edit, flush } = preview("one\n\ntwo");
    edit(5, 5, "    ");
    flush();
    expect(host.innerHTML).toBe("<p>one</p><pre><code>two</code></pre>");
  });

  test("a new definition reaches the links that use it", () => {
    const { host, edit, flush, source } = preview("[a] and more");
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
    ];
    for (let seed = 1; seed <= 20; seed++) {
      let state = seed * 7919;
      const next = (below: number) => {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        return (state >> 8) % below;
      };
      const live = preview("# Start\n\nwith *some* text\n\n- and\n- a list\n");
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

describe("a paragraph of any length", () => {
  const lines = (count: number) => "The quick brown fox jumps over the lazy dog.\n".repeat(count);

  test("is shown whole, in pieces that are parsed one by one", () => {
    const host = shown(lines(2000));
    expect(host.textContent?.replace(/\s/g, "")).toBe(lines(2000).replace(/\s/g, ""));
    expect(host.children.length).toBeGreaterThan(4);
    expect(host.children.length).toBeLessThan(8);
  });

  test("of a length that somebody writes is one paragraph", () => {
    expect(shown(lines(200)).children.length).toBe(1);
  });
});
