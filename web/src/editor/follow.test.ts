import { expect, test } from "vitest";
import { labelPlace } from "./carets";
import { awaySince, scrollFor } from "./follow";

const at = (top: number) => ({ top, bottom: top + 20 });

test("a view follows only what is about to leave it", () => {
  const scene = { scrolled: 1000, height: 800 };
  expect(scrollFor({ ...scene, place: at(1400) })).toBeNull();
  expect(scrollFor({ ...scene, place: at(1110) })).toBeNull();
  expect(scrollFor({ ...scene, place: at(1700) })).toBeGreaterThan(1000);
  expect(scrollFor({ ...scene, place: at(1010) })).toBeLessThan(1000);
});

test("where a view has followed to, it stays while somebody types on", () => {
  for (const top of [1700, 5000, 900, 60_000]) {
    const scrolled = scrollFor({ scrolled: 1000, height: 800, place: at(top) });
    expect(scrolled).not.toBeNull();
    for (let line = 0; line < 5; line++) {
      expect(scrollFor({ scrolled: scrolled ?? 0, height: 800, place: at(top + line * 28) })).toBeNull();
    }
  }
});

test("nothing is above the beginning", () => {
  expect(scrollFor({ scrolled: 1000, height: 800, place: at(40) })).toBe(0);
  expect(scrollFor({ scrolled: 0, height: 800, place: at(10) })).toBeNull();
});

test("whoever is away for a moment has not left", () => {
  const gone = awaySince(false, true, null, 1000);
  expect(gone).toEqual({ since: 1000, left: false });
  expect(awaySince(false, true, gone.since, 2000).left).toBe(false);
  expect(awaySince(true, true, gone.since, 2000)).toEqual({ since: null, left: false });
  expect(awaySince(false, true, gone.since, 60_000).left).toBe(true);
});

test("without a connection nobody leaves", () => {
  const { since } = awaySince(false, true, null, 1000);
  expect(awaySince(false, false, since, 60_000)).toEqual({ since: null, left: false });
  expect(awaySince(false, true, null, 60_000).left).toBe(false);
});

test("a name covers neither the line that is typed on nor is cut off", () => {
  const seen = { top: 1000, bottom: 1800 };
  expect(labelPlace(at(1400), null, seen)).toBe("above");
  expect(labelPlace(at(1400), at(1400), seen), "on the same line").toBe("above");
  expect(labelPlace(at(1400), at(1371), seen), "the line above").toBe("below");
  expect(labelPlace(at(1400), at(1429), seen), "the line below").toBe("above");
  expect(labelPlace(at(1005), null, seen), "at the top").toBe("below");
  expect(labelPlace(at(1005), at(1034), seen), "at the top, above the line").toBe("nowhere");
});
