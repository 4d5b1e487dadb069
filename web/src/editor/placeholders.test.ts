// @vitest-environment happy-dom
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { between, fulfil, Placeholder, put, take, whereIs } from "./placeholders";
import { editorWith } from "./testing";
import { trim } from "./trim";
import { undo } from "./undo";

const look = { label: "Uploading", progress: 0, actions: [] };
const IMAGE = "![a](images/b.png)";

test.each([
  ["", "", IMAGE],
  ["see ", " here", IMAGE],
  ["see", "here", ` ${IMAGE} `],
  ["(", ")", IMAGE],
  ["看", "。", ` ${IMAGE}`],
])("between %j and %j it sticks to neither", (before, after, expected) => {
  expect(between(before, IMAGE, after, false)).toBe(expected);
});

test("one that stands apart is a paragraph", () => {
  expect(between("![x](y)", IMAGE, "", true)).toBe(`\n\n${IMAGE}`);
  expect(between("", IMAGE, "", true)).toBe(IMAGE);
});

test("what others write moves it along, and none of it is text until it is there", () => {
  const { view, text, destroy } = editorWith("one |three");
  const placeholder = new Placeholder(look);
  put(view, 4, [placeholder]);
  expect(text.toString()).toBe("one three");
  text.doc?.transact(() => text.insert(0, "zero "), "somebody else");
  text.doc?.transact(() => text.insert(text.length, " four"), "somebody else");
  expect(whereIs(view.state, placeholder)).toBe(9);
  expect(fulfil(view, placeholder, IMAGE, false)).toBe(true);
  expect(text.toString()).toBe(`zero one ${IMAGE} three four`);
  expect(whereIs(view.state, placeholder)).toBeNull();
  undo(view);
  expect(text.toString()).toBe("zero one three four");
  destroy();
});

test("who pasted goes on writing behind it", () => {
  const editor = editorWith("one |");
  const placeholder = new Placeholder(look);
  put(editor.view, 4, [placeholder]);
  fulfil(editor.view, placeholder, IMAGE, false);
  expect(editor.marked()).toBe(`one ${IMAGE}|`);
  editor.destroy();
});

test("several stay in their order", () => {
  const { view, text, destroy } = editorWith("|");
  const [one, two] = [new Placeholder(look), new Placeholder(look)];
  put(view, 0, [one, two]);
  fulfil(view, one, "![1](images/1.png)", false);
  fulfil(view, two, "![2](images/2.png)", true);
  expect(text.toString()).toBe("![1](images/1.png)\n\n![2](images/2.png)");
  destroy();
});

test("is taken away by whoever changed their mind, without a trace", () => {
  const { view, text, destroy } = editorWith("one|");
  const placeholder = new Placeholder(look);
  put(view, 3, [placeholder]);
  take(view, placeholder);
  expect(fulfil(view, placeholder, IMAGE, false)).toBe(false);
  expect(text.toString()).toBe("one");
  destroy();
});

test.each([
  ["is full", trim({ composing: false, onDropped: () => {} })],
  ["is not theirs to write", EditorState.readOnly.of(true)],
])("stays where it is when the document %s", (_why, extension) => {
  const { view, text, destroy } = editorWith("one|", extension);
  const placeholder = new Placeholder(look);
  put(view, 3, [placeholder]);
  expect(fulfil(view, placeholder, IMAGE, false)).toBe(false);
  expect(whereIs(view.state, placeholder)).toBe(3);
  expect(text.toString()).toBe("one");
  destroy();
});
