import { describe, expect, test } from "vitest";
import { across, heldAt, type Point, scrollFor } from "./scroll";

/** Something of 5000 pixels seen through 800. */
const scrolled = (scrollTop: number, scrollHeight = 5000, clientHeight = 800) => ({
  scrollTop,
  scrollHeight,
  clientHeight,
});

describe("the line that is held in step", () => {
  test("is the top at first, and the end at the end", () => {
    expect(heldAt(scrolled(0))).toBe(0);
    expect(heldAt(scrolled(1234))).toBe(1234);
    expect(heldAt(scrolled(4200))).toBe(5000);
  });

  test("moves on with every pixel, and leads back to it", () => {
    for (const height of [5000, 1700, 900]) {
      let before = -1;
      for (let top = 0; top <= height - 800; top += 10) {
        const held = heldAt(scrolled(top, height));
        expect(held).toBeGreaterThan(before);
        before = held;
        expect(scrollFor(held, scrolled(0, height))).toBeCloseTo(top, 6);
      }
    }
  });

  test("asks nothing of what has nothing to scroll", () => {
    expect(heldAt(scrolled(0, 500))).toBe(0);
    expect(scrollFor(300, scrolled(0, 500))).toBe(0);
  });
});

describe("places between two that are known", () => {
  const point = (source: number, preview: number): Point => ({
    source: () => source,
    preview: () => preview,
  });
  const points = [point(0, 0), point(100, 300), point(140, 300), point(200, 900), point(1000, 1000)];

  test("are spread evenly", () => {
    expect(across(points, 50, "source", "preview")).toBe(150);
    expect(across(points, 170, "source", "preview")).toBe(600);
    expect(across(points, 600, "preview", "source")).toBe(170);
    expect(across(points, 1000, "source", "preview")).toBe(1000);
  });

  test("are measured no more than they have to be", () => {
    let measured = 0;
    const many = Array.from(
      { length: 1025 },
      (_, n): Point => ({
        source: () => {
          measured++;
          return n * 10;
        },
        preview: () => n * 20,
      }),
    );
    expect(across(many, 5005, "source", "preview")).toBe(10_010);
    expect(measured).toBeLessThan(20);
  });

  test("do not go back where one side was guessed wrong", () => {
    const wrong = [point(0, 0), point(100, 100), point(100, 90), point(200, 200)];
    expect(across(wrong, 100, "source", "preview")).toBe(90);
    expect(across(wrong, 150, "source", "preview")).toBe(145);
  });
});
