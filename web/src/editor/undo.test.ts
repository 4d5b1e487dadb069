// @vitest-environment happy-dom
import { afterAll, expect, test, vi } from "vitest";

// Yjs takes hold of the clock when it is loaded.
vi.useFakeTimers({ toFake: ["Date"] });
const { editorWith } = await import("./testing");
const { undo } = await import("./undo");

afterAll(() => {
  vi.useRealTimers();
});

const rest = () => vi.setSystemTime(Date.now() + 3_000);

test("a word that an input method puts together is one step, however long it takes", () => {
  const { view, text, destroy } = editorWith("say: ", []);
  const write = (draft: string, before: string, userEvent: string) => {
    view.dispatch({ changes: { from: 5, to: 5 + before.length, insert: draft }, userEvent });
    rest();
  };
  write("n", "", "input.type.compose.start");
  write("ni hao", "n", "input.type.compose");
  write("你好", "ni hao", "input.type.compose");
  expect(text.toString()).toBe("say: 你好");
  undo(view);
  expect(text.toString()).toBe("say: ");
  destroy();
});

test("what is typed after a rest is another step", () => {
  const { view, text, destroy } = editorWith("", []);
  view.dispatch({ changes: { from: 0, insert: "one" }, userEvent: "input.type" });
  rest();
  view.dispatch({ changes: { from: 3, insert: " two" }, userEvent: "input.type" });
  undo(view);
  expect(text.toString()).toBe("one");
  destroy();
});
