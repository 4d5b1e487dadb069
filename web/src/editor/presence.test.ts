// @vitest-environment happy-dom
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { describe, expect, test, vi } from "vitest";
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { collab, contentOf } from "./collab";
import { contrast, freeColor, inkOn, PALETTE, paletteColor, safeColor } from "./colors";
import { movePeers, peerField } from "./peers";
import { cleanName, initials, personOf } from "./people";
import { cursorOf, toCursor, toOffsets } from "./positions";
import { presence } from "./presence";

describe("carets of others", () => {
  const person = personOf(7, { user: { name: "A", color: "#123456" } });
  const start = EditorState.create({ doc: "0123456789", extensions: peerField });
  const withPeer = (anchor: number, head: number) =>
    start.update({ effects: movePeers.of({ moved: [{ person, anchor, head }], gone: [] }) }).state;
  const at = (state: EditorState) => {
    const peer = state.field(peerField).get(7);
    return peer && [peer.anchor, peer.head];
  };

  test.each([
    ["before", { from: 0, insert: "ab" }, [6, 7]],
    ["after", { from: 8, insert: "ab" }, [4, 5]],
    ["inside", { from: 4, insert: "ab" }, [6, 7]],
    ["around", { from: 2, to: 9 }, [2, 2]],
    ["to the left", { from: 0, to: 2 }, [2, 3]],
  ])("move with edits %s", (_name, changes, expected) => {
    expect(at(withPeer(4, 5).update({ changes }).state)).toEqual(expected);
  });

  test("stay one place when they are one place", () => {
    const state = withPeer(4, 4).update({ changes: { from: 4, insert: "abc" } }).state;
    expect(at(state)).toEqual([7, 7]);
  });

  test("are given in the coordinates after the transaction's changes", () => {
    const effects = movePeers.of({ moved: [{ person, anchor: 12, head: 12 }], gone: [] });
    expect(at(start.update({ changes: { from: 0, insert: "abc" }, effects }).state)).toEqual([12, 12]);
  });

  test("go when their writer goes", () => {
    const state = withPeer(4, 4).update({ effects: movePeers.of({ moved: [], gone: [7] }) }).state;
    expect(at(state)).toBeUndefined();
  });
});

test.each([
  [1, 50, 40],
  [20, 10, 8],
])(
  "of %i who move fifty times in a second, all are where they went, drawn %i times at most and %i at least",
  (people, most, least) => {
    vi.useFakeTimers();
    try {
      const doc = new Y.Doc();
      const text = doc.getText("content");
      text.insert(0, "0123456789".repeat(10));
      const awareness = new Awareness(doc);
      const words = { anonymous: "Anonymous", asGuest: (name: string) => name };
      let drawn = 0;
      const count = EditorView.updateListener.of(({ transactions }) => {
        if (transactions.some(({ effects }) => effects.some((effect) => effect.is(movePeers)))) drawn++;
      });
      const view = new EditorView({
        state: EditorState.create({
          doc: contentOf(text),
          extensions: [collab(text), presence(awareness, words), count],
        }),
      });
      const others = Array.from({ length: people }, () => new Awareness(new Y.Doc()));
      for (let move = 1; move <= 50; move++) {
        for (const other of others) {
          other.setLocalStateField("cursor", toCursor(text, { anchor: move, head: move }));
          applyAwarenessUpdate(awareness, encodeAwarenessUpdate(other, [other.clientID]), "wire");
        }
        vi.advanceTimersByTime(20);
      }
      vi.advanceTimersByTime(200);
      expect(drawn).toBeGreaterThanOrEqual(least);
      expect(drawn).toBeLessThanOrEqual(most + 2);
      expect([...view.state.field(peerField).values()].map(({ head }) => head)).toEqual(others.map(() => 50));
      for (const one of [awareness, ...others]) one.destroy();
      view.destroy();
    } finally {
      vi.useRealTimers();
    }
  },
);

test("a caret stays where it was until the text is here that it went to, and goes when it is nowhere", async () => {
  const theirs = new Y.Doc();
  theirs.getText("content").insert(0, "hello");
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(theirs));
  const text = doc.getText("content");
  const [awareness, other] = [new Awareness(doc), new Awareness(theirs)];
  const words = { anonymous: "Anonymous", asGuest: (name: string) => name };
  const view = new EditorView({
    state: EditorState.create({
      doc: contentOf(text),
      extensions: [collab(text), presence(awareness, words)],
    }),
  });
  const hear = async () => {
    applyAwarenessUpdate(awareness, encodeAwarenessUpdate(other, [theirs.clientID]), "wire");
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  };
  const at = () => view.state.field(peerField).get(theirs.clientID)?.head;
  const goTo = (offset: number) =>
    other.setLocalStateField("cursor", toCursor(theirs.getText("content"), { anchor: offset, head: offset }));

  goTo(2);
  await hear();
  expect(at()).toBe(2);
  theirs.getText("content").insert(5, ", world");
  goTo(8);
  await hear();
  expect(at()).toBe(2);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(theirs));
  await hear();
  expect(at()).toBe(8);
  other.setLocalStateField("cursor", null);
  await hear();
  expect(at()).toBeUndefined();

  view.destroy();
  for (const each of [awareness, other]) each.destroy();
});

describe("positions on the wire", () => {
  function text(content: string) {
    const doc = new Y.Doc();
    const shared = doc.getText("content");
    shared.insert(0, content);
    return shared;
  }

  test("come back as what they were, also at the ends", () => {
    const shared = text("hello");
    for (const offsets of [
      { anchor: 0, head: 0 },
      { anchor: 1, head: 4 },
      { anchor: 5, head: 5 },
    ]) {
      const cursor = JSON.parse(JSON.stringify(toCursor(shared, offsets)));
      expect(toOffsets(shared, cursor)).toEqual(offsets);
    }
  });

  test("follow the text", () => {
    const shared = text("hello");
    const cursor = toCursor(shared, { anchor: 2, head: 4 });
    shared.insert(0, ">> ");
    expect(toOffsets(shared, cursor)).toEqual({ anchor: 5, head: 7 });
  });

  test.each([
    [null],
    [{}],
    [{ anchor: 1, head: "x" }],
    [{ anchor: { item: { client: "a", clock: {} } }, head: { item: [] } }],
    [{ anchor: { item: { client: 1, clock: 99 } }, head: { item: { client: 1, clock: 99 } } }],
    [{ anchor: { item: { client: -1, clock: 0.5 } }, head: { tname: "content", assoc: "1" } }],
    [{ anchor: { tname: "evil" }, head: { tname: "evil" } }],
    [{ anchor: { type: { client: 1, clock: 0 } }, head: { type: { client: 1, clock: 0 } } }],
  ])("that make no sense are ignored: %j", (cursor) => {
    const shared = text("hello");
    const found = cursorOf({ cursor });
    expect(found && toOffsets(shared, found)).toBeNull();
    expect([...(shared.doc?.share.keys() ?? [])]).toEqual(["content"]);
  });
});

describe("people", () => {
  test.each([
    "red",
    "#fff",
    "#12345g",
    "#1234567",
    "#123456; background: url(https://x)",
    "url(x)",
    "\n#123456",
    null,
    7,
    {},
  ])("the colour %j becomes one of the palette", (color) => {
    expect(PALETTE).toContain(safeColor(color, 3));
  });

  test("a good colour stays", () => {
    expect(safeColor("#A1b2C3", 3)).toBe("#a1b2c3");
  });

  test.each([0, 1, 4294967295, -5, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "client %d gets a colour",
    (id) => {
      expect(PALETTE).toContain(paletteColor(id));
    },
  );

  test("a colour that nobody has is found while there is one", () => {
    const [first, second, third] = PALETTE;
    expect(freeColor(second, [first])).toBe(second);
    expect(freeColor(first, [first, second])).toBe(third);
    const last = PALETTE[PALETTE.length - 1] as string;
    expect(freeColor(last, [last, "#123456"])).toBe(first);
    expect(freeColor(second, PALETTE)).toBe(second);
  });

  test("names can be read on every colour", () => {
    for (const color of PALETTE) expect(contrast(color, "#ffffff")).toBeGreaterThanOrEqual(4.5);
    for (const color of ["#ffff00", "#000000", "#777777", "#808080", "#ffffff"]) {
      expect(contrast(color, inkOn(color))).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each([
    [undefined, "Anonymous"],
    ["", "Anonymous"],
    [" \n\t ", "Anonymous"],
    ["  Two   words ", "Two words"],
    ["evil\u202eeman", "evileman"],
    ["x".repeat(1_000_000), "x".repeat(40)],
    ["😀".repeat(50), "😀".repeat(40)],
    ["<b>bold</b>", "<b>bold</b>"],
  ])("the name %# is cleaned", (name, expected) => {
    expect(cleanName(name)).toBe(expected);
  });

  test("any state is somebody", () => {
    for (const state of [
      undefined,
      null,
      1,
      "x",
      [],
      {},
      { user: null },
      { user: [] },
      { user: { name: {} } },
    ]) {
      expect(personOf(1, state)).toMatchObject({ client: 1, name: "Anonymous" });
    }
  });

  test("initials", () => {
    expect(initials("Guest 42")).toBe("42");
    expect(initials("王小明")).toBe("王");
    expect(initials("ada lovelace king")).toBe("AK");
  });
});
