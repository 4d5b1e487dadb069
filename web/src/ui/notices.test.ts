import { beforeEach, expect, test, vi } from "vitest";
import { notices } from "./notices.svelte";

beforeEach(() => {
  vi.useFakeTimers();
  for (const { id } of notices.list) notices.dismiss(id);
  return () => vi.useRealTimers();
});

const texts = () => notices.list.map(({ text }) => text);

test("a notice leaves by itself; what can be undone stays longer", () => {
  notices.info("a");
  notices.info("b", { label: "Undo", run() {} });
  vi.advanceTimersByTime(5000);
  expect(texts()).toEqual(["b"]);
  vi.advanceTimersByTime(7000);
  expect(texts()).toEqual([]);
});

test("nothing leaves while somebody looks at it, and not right after", () => {
  notices.info("a");
  vi.advanceTimersByTime(4990);
  notices.hold();
  notices.hold();
  vi.advanceTimersByTime(60_000);
  notices.info("b");
  vi.advanceTimersByTime(60_000);
  expect(texts()).toEqual(["a", "b"]);
  notices.release();
  vi.advanceTimersByTime(1999);
  expect(texts()).toEqual(["a", "b"]);
  vi.advanceTimersByTime(1);
  expect(texts()).toEqual(["b"]);
});

test("with the last notice goes whoever held it: the next one leaves again by itself", () => {
  notices.info("a");
  notices.hold();
  for (const { id } of notices.list) notices.dismiss(id);
  notices.info("b");
  vi.advanceTimersByTime(5000);
  expect(texts()).toEqual([]);
});

test("three are shown; what is being done is not pushed out, and stays until it is done", () => {
  const work = notices.work("working");
  for (const text of ["a", "b", "c"]) notices.info(text);
  expect(texts()).toEqual(["working", "b", "c"]);
  vi.advanceTimersByTime(60_000);
  work.say("half done");
  expect(texts()).toEqual(["half done"]);
  work.done();
  expect(texts()).toEqual([]);
});

test("what is said with every keystroke is said once", () => {
  notices.once("full");
  notices.once("full");
  expect(texts()).toEqual(["full"]);
});
