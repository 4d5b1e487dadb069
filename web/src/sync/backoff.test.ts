import { expect, test } from "vitest";
import { RETRY_FLOOR_MS, RETRY_LAST_CEILING_MS, retryDelay } from "./backoff";

const ALMOST_1 = 1 - Number.EPSILON;

test("the ceiling doubles from 1 s to 30 s", () => {
  const ceilings = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((failures) =>
    Math.round(retryDelay(failures, ALMOST_1)),
  );
  expect(ceilings).toEqual([1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("nobody comes back sooner than the floor", () => {
  for (const failures of [0, 1, 5, 50]) expect(retryDelay(failures, 0)).toBe(RETRY_FLOOR_MS);
});

test("delays spread evenly between floor and ceiling", () => {
  const middle = (RETRY_FLOOR_MS + RETRY_LAST_CEILING_MS) / 2;
  expect(retryDelay(9, 0.5)).toBe(middle);
  expect(retryDelay(9, 0.25)).toBe((RETRY_FLOOR_MS + middle) / 2);
});
