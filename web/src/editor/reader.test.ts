import { ChangeSet, Text } from "@codemirror/state";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Reader, textOf } from "./reader";

const KEY_MS = 50;
const KEYS = 40;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Types a character every 50 ms for two seconds, where each reading takes `cost_ms`; says what was read, and when. */
function typing(cost_ms: number) {
  const readings: { at: number; words: string; whole: boolean }[] = [];
  let doc = textOf("# Title\n\nWords");
  const reader = new Reader(doc);
  const leave = reader.listen(({ doc, whole }) => {
    readings.push({ at: performance.now(), words: doc.toString(), whole });
    vi.advanceTimersByTime(cost_ms);
  });
  vi.advanceTimersByTime(1000);
  readings.length = 0;
  for (let key = 0; key < KEYS; key++) {
    const change = ChangeSet.of({ from: doc.length, insert: "x" }, doc.length);
    doc = change.apply(doc);
    reader.show(doc, change.desc);
    vi.advanceTimersByTime(KEY_MS);
  }
  vi.advanceTimersByTime(1000);
  leave();
  return { readings, doc };
}

test("what is read in no time is read with every key or two", () => {
  const { readings } = typing(0);
  expect(readings.length).toBeGreaterThan(KEYS / 3);
});

test("what takes long to read is read seldom, and in the end as it then is", () => {
  const { readings, doc } = typing(6);
  expect(readings.length).toBeLessThan(KEYS / 3);
  expect(readings.at(-1)?.words).toBe(doc.toString());
});

test("nobody waits long for what they typed, whatever it costs", () => {
  const { readings } = typing(40);
  const waits = readings.slice(1).map(({ at }, n) => at - (readings[n]?.at ?? 0));
  expect(Math.max(...waits)).toBeLessThan(500);
});

test("a long document is read to its end at once after its beginning", () => {
  const long = Text.of(
    Array.from({ length: 4000 }, (_, n) => (n % 2 ? "" : `Paragraph ${n} of a long text.`)),
  );
  const reader = new Reader(long, () => 1000);
  const seen: { at: number; whole: boolean }[] = [];
  reader.listen(({ whole }) => {
    seen.push({ at: performance.now(), whole });
    if (!whole) vi.advanceTimersByTime(20);
  });
  vi.advanceTimersByTime(2000);
  expect(seen.map(({ whole }) => whole)).toEqual([false, true]);
  expect((seen[1]?.at ?? 0) - (seen[0]?.at ?? 0)).toBeLessThan(200);
});
