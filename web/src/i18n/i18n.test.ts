import { expect, test } from "vitest";
import * as en from "./en";
import * as enRest from "./en-rest";
import { languageFor } from "./language";
import * as zh from "./zh";
import * as zhRest from "./zh-rest";

test("a reader gets the first of their languages that there is", () => {
  expect(languageFor(["zh-TW", "en-US"])).toBe("zh-CN");
  expect(languageFor(["de-AT", "zh"])).toBe("zh-CN");
  expect(languageFor(["en-GB", "zh-CN"])).toBe("en");
  expect(languageFor(["de"])).toBe("en");
  expect(languageFor([])).toBe("en");
});

test("what takes values in one language takes them in the other, and nothing is empty", () => {
  const shape = (value: unknown, path: string): string[] => {
    if (typeof value === "object" && value !== null) {
      return Object.entries(value).flatMap(([key, inner]) => shape(inner, `${path}.${key}`));
    }
    if (typeof value === "function") return [`${path}(${value.length})`];
    expect(value, path).toMatch(/\S/);
    return [path];
  };
  expect(shape({ ...zh.first, ...zhRest.rest }, "t").sort()).toEqual(
    shape({ ...en.first, ...enRest.rest }, "t").sort(),
  );
});
