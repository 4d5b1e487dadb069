/** A panel is below its button where there is room, and all of it can be seen. */
import { expect, test } from "vitest";
import { spotFor } from "./placement";

const DESK = { width: 1100, height: 800 };
const PHONE = { width: 390, height: 844 };
/** A button of 32 pixels. */
const button = (top: number, right: number) => ({ top, bottom: top + 32, right });

test("it is below, right edges together", () => {
  const spot = spotFor(button(10, 1000), { width: 240, height: 300 }, DESK);
  expect(spot).toEqual({ top: 48, right: 100, maxHeight: 744 });
});

test("it is above where there is no room below, and more above", () => {
  const spot = spotFor(button(700, 1000), { width: 240, height: 300 }, DESK);
  expect(spot).toEqual({ bottom: 106, right: 100, maxHeight: 686 });
});

test("where there is room on neither side it has the larger, and no more than that", () => {
  const panel = { width: 240, height: 2000 };
  expect(spotFor(button(300, 1000), panel, DESK)).toMatchObject({ top: 338, maxHeight: 454 });
  expect(spotFor(button(500, 1000), panel, DESK)).toMatchObject({ bottom: 306, maxHeight: 486 });
});

test("it does not stick out to the left, nor to the right", () => {
  const panel = { width: 300, height: 200 };
  expect(spotFor(button(10, 120), panel, PHONE).right).toBe(PHONE.width - 8 - panel.width);
  expect(spotFor(button(10, PHONE.width), panel, PHONE).right).toBe(8);
  expect(spotFor(button(10, 120), { ...panel, width: PHONE.width - 16 }, PHONE).right).toBe(8);
});

test("a keyboard over the page leaves less room, and is not what the distance is from", () => {
  const seen = { ...PHONE, height: 500 };
  const panel = { width: 300, height: 200 };
  expect(spotFor(button(100, 380), panel, seen, PHONE)).toMatchObject({ top: 138 });
  expect(spotFor(button(400, 380), panel, seen, PHONE)).toMatchObject({ bottom: 450, maxHeight: 386 });
});

test("wherever a button is, its panel is within what is seen", () => {
  for (let top = 0; top < PHONE.height; top += 20) {
    for (let right = 32; right <= PHONE.width; right += 20) {
      const panel = { width: 280, height: 400 };
      const spot = spotFor(button(top, right), panel, PHONE);
      const height = Math.min(panel.height, spot.maxHeight);
      const from = "top" in spot ? spot.top : PHONE.height - spot.bottom - height;
      expect(from).toBeGreaterThanOrEqual(8);
      expect(from + height).toBeLessThanOrEqual(PHONE.height - 8);
      expect(spot.right).toBeGreaterThanOrEqual(8);
      expect(spot.right + panel.width).toBeLessThanOrEqual(PHONE.width - 8);
    }
  }
});
