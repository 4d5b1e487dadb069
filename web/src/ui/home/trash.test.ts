import { expect, test } from "vitest";
import { daysLeft } from "./trash";

const DAY_MS = 86_400_000;

test.each([
  [0, 30],
  [-60_000, 30],
  [DAY_MS / 2, 30],
  [29.5 * DAY_MS, 1],
  [30 * DAY_MS, 0],
  [40 * DAY_MS, 0],
])("after %d ms there are %d days left", (passed_ms, days) => {
  expect(daysLeft(1_000_000, 1_000_000 + passed_ms)).toBe(days);
});
