import { expect, test } from "vitest";
import { outline } from "./outline";

test("runs of dark squares become rectangles", () => {
  expect(outline([])).toBe("");
  expect(outline([[false, false]])).toBe("");
  expect(
    outline([
      [true, true, false, true],
      [false, true, true, false],
    ]),
  ).toBe("M0 0h2v1H0zM3 0h1v1H3zM1 1h2v1H1z");
});
