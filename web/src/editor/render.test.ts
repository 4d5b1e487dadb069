// @vitest-environment happy-dom
import { describe, expect, test } from "vitest";
import { safeImage, safeLink, sectionIn } from "./addresses";
import { decodeEntity } from "./entities";
import { previewOf, shown } from "./testing/previews";

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
    expect(boxes.map((box) => box.getAttribute("aria-label"))).toEqual(["done", "to do"]);
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
    expect([...host.querySelectorAll(".missing-image")].map((e) => e.textContent)).toEqual([
      "b refused",
      "c refused",
    ]);
  });

  test("the document's own images, wherever they are kept", async () => {
    const asked: string[] = [];
    const imageSource = (address: string) => {
      asked.push(address);
      return address.includes("late") ? Promise.resolve("blob:there") : "/there/a.png";
    };
    const host = shown(
      "![a](images/a.png) ![b](./images/late.webp) ![c](images/a.svg) ![d](../images/a.png)",
      {
        imageSource,
      },
    );
    await Promise.resolve();
    expect(asked).toEqual(["images/a.png", "images/late.webp"]);
    expect([...host.querySelectorAll("img")].map((image) => image.getAttribute("src"))).toEqual([
      "/there/a.png",
      "blob:there",
    ]);
    expect(host.querySelectorAll(".missing-image").length).toBe(2);
  });

  test("an image that fails says what it was, and is tried again when asked", async () => {
    const { host, preview } = previewOf("![A cat](https://x.org/cat.png) ![B](images/b.png)", {
      imageSource: () => Promise.reject(new Error("not there")),
    });
    host.querySelector("img")?.dispatchEvent(new Event("error"));
    await Promise.resolve();
    await Promise.resolve();
    document.body.append(host);
    expect(host.textContent).toBe("A cat failed B failed");
    preview.pictures.retry();
    expect([...host.querySelectorAll("img")].map((image) => image.alt)).toEqual(["A cat", "B"]);
    host.remove();
  });

  test("links to sections stay in the document, and those that open documents do not exist", () => {
    const host = shown('[a](#a-b) [字](#%E5%AD%97) [link](#cwl_abc) [x](#) [y](#a\\"b) [z](#a/b)');
    expect([...host.querySelectorAll("a")].map((a) => [a.textContent, a.getAttribute("href")])).toEqual([
      ["a", "/d/x#a-b"],
      ["字", "/d/x#%E5%AD%97"],
    ]);
    expect(sectionIn("#%63wl_abc")).toBeNull();
  });
});

describe("footnotes", () => {
  const notes = (host: HTMLElement) =>
    [...host.querySelectorAll(".footnotes li")].map((li) => li.textContent);
  const numbers = (host: HTMLElement) => [...host.querySelectorAll(".note-link")].map((a) => a.textContent);

  test("are numbered as they are met and stand at the end", () => {
    const host = shown(
      "a[^x] b[^1] c[^x]\n\n[^1]: one\n[^x]: **ex**\n\n    more\n\n[^unused]: never\n\nlast",
    );
    expect(numbers(host)).toEqual(["1", "2", "1"]);
    expect(notes(host)).toEqual(["exmore", "one"]);
    expect(host.lastElementChild?.className).toBe("footnotes");
    expect([...host.children].map((e) => e.tagName)).toEqual(["P", "P", "SECTION"]);
  });

  test("may refer to footnotes, even to themselves", () => {
    const host = shown("a[^a]\n\n[^b]: b[^a] and [^b]\n[^a]: a[^b]");
    expect(notes(host)).toEqual(["a2", "b1 and 2"]);
  });

  test("lead back to each place that refers to them", () => {
    const { host, preview } = previewOf("one[^n]\n\ntwo[^n]\n\n[^n]: note");
    const links = [...host.querySelectorAll("sup > .note-link")];
    const backs = [...host.querySelectorAll(".note-back")];
    expect(backs.map((back) => preview.referenceOf(back))).toEqual(links);
    expect(links.map((link) => preview.noteOf(link)?.tagName)).toEqual(["LI", "LI"]);
  });

  test("that are not defined are words", () => {
    expect(html("a[^x] b")).toBe("<p>a[^x] b</p>");
  });

  test("come and go with their definitions", () => {
    const { host, edit, flush, source } = previewOf("a[^1] and more");
    edit(source().length, source().length, "\n\n[^1]: there");
    flush();
    expect(host.querySelector(".footnotes li p")?.firstChild?.textContent).toBe("there");
    edit(source().indexOf("\n"), source().length, "");
    flush();
    expect(host.querySelector(".footnotes")).toBeNull();
    expect(host.querySelector("p")?.textContent).toBe("a[^1] and more");
  });

  test("take in what is indented below them, over blank lines", () => {
    // Long enough for the parser to reuse what is before the change.
    const { host, edit, flush, source } = previewOf(`${"words ".repeat(60)}[^1]\n\n[^1]: one\n\n\ntwo`);
    edit(source().length - 3, source().length - 3, "    ");
    flush();
    expect(host.querySelectorAll(".footnotes li p").length).toBe(2);
  });

  test("are numbered anew when one comes before them", () => {
    const { host, edit, flush } = previewOf("a\n\nb[^1]\n\n[^1]: one\n[^2]: two");
    edit(1, 1, "[^2]");
    flush();
    expect(numbers(host)).toEqual(["1", "2"]);
    expect(notes(host).map((text) => text?.slice(0, 3))).toEqual(["two", "one"]);
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
    "a[^<img src=x onerror=alert(1)>]\n\n[^<img]: <svg onload=alert(1)>",
    '[^"onclick=alert(1)]\n\n[^"onclick=alert(1)]: [x](javascript:alert(1))',
    "[x](#javascript:alert(1))",
    "![x](images/../../api/v1/me.png)",
  ];
  const TAGS =
    /^(?:P|A|SPAN|SMALL|IMG|H1|UL|OL|LI|INPUT|PRE|CODE|DIV|TABLE|THEAD|TBODY|TR|TH|TD|EM|BR|STRONG|SUP|SECTION|BUTTON)$/;
  const ATTRIBUTES =
    /^(?:href|target|rel|src|alt|loading|decoding|referrerpolicy|class|type|disabled|checked|data-language|start|role|aria-label|title)$/;

  test.each(attacks)("%j", (source) => {
    for (const element of previewOf(source).host.querySelectorAll("*")) {
      expect(element.tagName).toMatch(TAGS);
      for (const { name, value } of element.attributes) {
        expect(name).toMatch(ATTRIBUTES);
        if (name === "href") expect(value).toMatch(/^(?:https?:\/\/|mailto:|\/d\/x#)/);
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
