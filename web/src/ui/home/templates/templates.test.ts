import { expect, test } from "vitest";
import { LIMITS } from "../../../service";
import { strokesOf, written } from ".";
import { longDay, workWeek } from "./dates";
import { templates as en } from "./en";
import { templates as zh } from "./zh";

const NOW = new Date(2026, 4, 6, 9);

test("both languages have the same templates", () => {
  const shape = (templates: typeof en) => templates.map(({ id, kind }) => [id, kind]);
  expect(shape(zh)).toEqual(shape(en));
  expect(new Set(en.map(({ id }) => id)).size).toBe(en.length);
});

test.each([...en, ...zh])("$name can be made", (template) => {
  const { title, text } = written(template, NOW);
  expect([...title].length).toBeLessThanOrEqual(LIMITS.title);
  // An empty one has nothing to say; every other begins with its heading and has no line that goes on into nothing.
  if (template.id !== "blank") expect(text).toMatch(/^# /);
  expect(text).not.toMatch(/[ \t]+$/m);
  expect(text).not.toMatch(/undefined|Invalid/);
});

test("Chinese templates are in Chinese all through", () => {
  for (const template of zh) {
    const { title, text } = written(template, NOW);
    expect(`${title}${text}`.replace(/README|sh/g, "")).not.toMatch(/[A-Za-z]{2,}/);
  }
});

test("a day is written as the reader's language has it", () => {
  expect(longDay(NOW, "en")).toBe("May 6, 2026");
  expect(longDay(NOW, "zh-CN")).toBe("2026年5月6日");
});

test.each([4, 6, 8, 9, 10])("the week of 2026-05-%d begins on Monday the 4th", (date) => {
  const days = workWeek(new Date(2026, 4, date, 23, 30));
  expect(days.map((day) => day.getDate())).toEqual([4, 5, 6, 7, 8]);
  expect(days[0]?.getDay()).toBe(1);
});

test("a small picture shows the first lines as what they are", () => {
  const strokes = strokesOf("# A\n\n**B:** c\n```\n# code\n```\n- [ ] d\n-\n|---|\n## F\n1. g", 5);
  expect(strokes).toEqual([
    { look: "title", text: "A" },
    { look: "words", text: "B:  c" },
    { look: "task", text: "d" },
    { look: "item", text: "" },
    { look: "heading", text: "F" },
  ]);
});
