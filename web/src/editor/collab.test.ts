// @vitest-environment happy-dom
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { afterEach, describe, expect, test } from "vitest";
import * as Y from "yjs";
import { changesOf, collab, commonEnds, contentOf } from "./collab";
import { redo, undo, undoHistory } from "./undo";

const open: EditorView[] = [];

afterEach(() => {
  for (const view of open.splice(0)) view.destroy();
});

/** Somebody with an editor of their own on their own copy of the document. */
function writer(from?: { doc: Y.Doc }) {
  const doc = new Y.Doc();
  if (from) Y.applyUpdate(doc, Y.encodeStateAsUpdate(from.doc));
  const text = doc.getText("content");
  const view = new EditorView({
    state: EditorState.create({ doc: contentOf(text), extensions: [undoHistory(), collab(text)] }),
  });
  open.push(view);
  const type = (at: number, insert: string, remove = 0) =>
    view.dispatch({ changes: { from: at, to: at + remove, insert } });
  return { doc, text, view, type, shown: () => view.state.doc.toString() };
}

type Writer = ReturnType<typeof writer>;

/** Gives each what the other lacks. */
function exchange(a: Writer, b: Writer) {
  const [forB, forA] = [
    Y.encodeStateAsUpdate(a.doc, Y.encodeStateVector(b.doc)),
    Y.encodeStateAsUpdate(b.doc, Y.encodeStateVector(a.doc)),
  ];
  Y.applyUpdate(b.doc, forB);
  Y.applyUpdate(a.doc, forA);
}

/** mulberry32: small, good enough, and the same everywhere. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

describe("the binding", () => {
  test("carries what is typed into the text, and what others write into the editor", () => {
    const a = writer();
    a.type(0, "Hello");
    const b = writer(a);
    expect(b.shown()).toBe("Hello");
    b.type(5, ", world\nand more");
    exchange(a, b);
    expect(a.shown()).toBe("Hello, world\nand more");
  });

  test("applies several changes of one editor transaction at their places", () => {
    const a = writer();
    a.type(0, "one two three");
    a.view.dispatch({
      changes: [
        { from: 0, to: 3, insert: "1" },
        { from: 4, to: 7, insert: "22" },
        { from: 13, insert: "!" },
      ],
    });
    expect(a.text.toString()).toBe("1 22 three!");
    expect(a.shown()).toBe("1 22 three!");
  });

  test("applies several changes of one Yjs transaction at their places", () => {
    const a = writer();
    a.type(0, "one two three");
    a.doc.transact(() => {
      a.text.delete(0, 4);
      a.text.insert(4, "and ");
      a.text.insert(a.text.length, "!");
      a.text.insert(0, "> ");
    });
    expect(a.shown()).toBe(a.text.toString());
  });

  test("applies several editor transactions in one update", () => {
    const a = writer();
    const first = a.view.state.update({ changes: { from: 0, insert: "abc" } });
    const second = first.state.update({ changes: { from: 1, to: 2, insert: "-" } });
    a.view.dispatch([first, second]);
    expect(a.text.toString()).toBe("a-c");
  });

  test("leaves alone what a replacement keeps", () => {
    const a = writer();
    a.type(0, "the collaboration server");
    const updates: Y.YTextEvent[] = [];
    a.text.observe((event) => updates.push(event));
    a.type(0, "the collaborative server", 24);
    // "collaborati-on" to "collaborati-ve": two letters go, two come.
    expect(updates[0]?.delta).toEqual([{ retain: 15 }, { delete: 2 }, { insert: "ve" }]);
  });

  test("changes an emoji as a whole, though only half of it differs", () => {
    const a = writer();
    a.type(0, "a😀b");
    // As the browser's input is read: the second code unit was replaced.
    a.type(2, "\ude01", 1);
    expect(a.text.toString()).toBe("a😁b");
    expect(writer(a).shown()).toBe("a😁b");
  });

  test("shows what the text holds when somebody cuts an emoji in two", async () => {
    const a = writer();
    a.type(0, "a😀b");
    const b = writer(a);
    b.text.insert(2, "!");
    exchange(a, b);
    expect(a.shown()).toBe("a\ufffd!\ufffdb");
    a.type(0, "😀");
    a.type(1, "", 1);
    await Promise.resolve();
    expect(a.shown()).toBe("\ufffda\ufffd!\ufffdb");
    expect(writer(a).shown()).toBe(a.shown());
  });

  test("keeps CR and LF from peers as the two characters they are", () => {
    const a = writer();
    a.text.insert(0, "one\r\ntwo\rthree");
    expect(a.view.state.doc.length).toBe(a.text.length);
    a.type(a.text.length, "!");
    expect(a.text.toString()).toBe("one\r\ntwo\rthree!");
    expect(a.shown()).toBe(a.text.toString());
  });

  test("shows embedded objects as one character", () => {
    const doc = new Y.Doc();
    const text = doc.getText("content");
    text.insert(0, "ab");
    text.insertEmbed(1, { image: "x" });
    expect(contentOf(text)).toBe("a\uFFFCb");
    const a = writer();
    a.type(0, "ab");
    a.text.insertEmbed(1, { image: "x" });
    a.type(3, "!");
    expect(contentOf(a.text)).toBe("a\uFFFCb!");
    expect(a.shown()).toBe("a\uFFFCb!");
  });

  test("lets go of the text when the view is destroyed", () => {
    const a = writer();
    a.type(0, "here");
    a.view.destroy();
    a.text.insert(0, "still ");
    expect(() => a.view.dispatch({ changes: { from: 0, insert: "x" } })).not.toThrow();
    expect(a.text.toString()).toBe("still here");
  });

  test("two editors on one text stay in step", () => {
    const a = writer();
    const twin = new EditorView({ state: EditorState.create({ extensions: collab(a.text) }) });
    open.push(twin);
    a.type(0, "one");
    twin.dispatch({ changes: { from: 3, insert: " two" } });
    expect(a.shown()).toBe("one two");
    expect(twin.state.doc.toString()).toBe("one two");
  });

  test.each(seeds(30))("everybody converges (seed %i)", async (seed) => {
    const next = random(seed);
    const alphabet = ["a", "é", "字", "😀", "\n", "\r\n", "👩‍👩‍👧", " word "];
    const a = writer();
    a.type(0, "The start of it all.\n");
    const b = writer(a);
    for (let step = 0; step < 120; step++) {
      const who = next(2) ? a : b;
      const length = who.view.state.doc.length;
      const at = next(length + 1);
      const what = next(10);
      if (what < 5) who.type(at, alphabet[next(alphabet.length)] ?? "");
      else if (what < 7) who.type(at, "", Math.min(next(6), length - at));
      else if (what < 8) who.type(at, alphabet[next(alphabet.length)] ?? "", Math.min(next(6), length - at));
      else if (what < 9) (next(2) ? undo : redo)(who.view);
      else if (at + 2 < length) {
        who.view.dispatch({
          changes: [
            { from: at, insert: "[" },
            { from: at + 2, insert: "]" },
          ],
        });
      }
      if (next(4) === 0) exchange(a, b);
      // Half a surrogate pair is put right a moment later.
      await Promise.resolve();
      expect(who.shown()).toBe(who.text.toString());
    }
    exchange(a, b);
    expect(a.text.toString()).toBe(b.text.toString());
    expect(a.shown()).toBe(a.text.toString());
    expect(b.shown()).toBe(b.text.toString());
  });
});

describe("undo", () => {
  test("takes back one's own edits and nobody else's", () => {
    const a = writer();
    a.type(0, "mine ");
    const b = writer(a);
    b.type(5, "theirs ");
    exchange(a, b);
    expect(undo(a.view)).toBe(true);
    expect(a.shown()).toBe("theirs ");
    expect(redo(a.view)).toBe(true);
    expect(a.shown()).toBe("mine theirs ");
    expect(undo(b.view)).toBe(true);
    exchange(a, b);
    expect(a.shown()).toBe("mine ");
  });

  test("says no when there is nothing to undo", () => {
    expect(undo(writer().view)).toBe(false);
    expect(redo(writer().view)).toBe(false);
  });

  test("puts the selection back where it was, though the text has moved", () => {
    const a = writer();
    a.text.insert(0, "some words here");
    const b = writer(a);
    a.view.dispatch({ selection: { anchor: 5, head: 10 } });
    a.view.dispatch(a.view.state.replaceSelection(""));
    b.type(0, ">> ");
    exchange(a, b);
    undo(a.view);
    expect(a.shown()).toBe(">> some words here");
    const { from, to } = a.view.state.selection.main;
    expect([from, to]).toEqual([8, 13]);
  });
});

describe("helpers", () => {
  test("deltas become changes of the old document", () => {
    const delta = [{ retain: 2 }, { delete: 3 }, { insert: "xy" }, { retain: 1 }, { insert: "!" }];
    expect(changesOf(delta)).toEqual([
      { from: 2, to: 5 },
      { from: 5, insert: "xy" },
      { from: 6, insert: "!" },
    ]);
  });

  test.each([
    ["abc", "abd", 2, 0],
    ["abc", "abc", 3, 0],
    ["aXc", "aYc", 1, 1],
    ["aa", "aaa", 2, 0],
    ["😀", "😁", 0, 0],
    ["\u{1F600}", "\u{1F300}", 0, 0],
    ["\u{10400}", "\u{1F400}", 0, 0],
  ])("common ends of %j and %j", (a, b, start, end) => {
    expect(commonEnds(a, b)).toEqual({ start, end });
  });
});

function seeds(count: number): number[] {
  const given = process.env.SEED;
  return given ? [Number(given)] : Array.from({ length: count }, (_, index) => index + 1);
}
