import { expect, test } from "vitest";
import { addressOf, folderOf, pathOf } from "./addresses";

test.each([
  ["https://example.org/", "/"],
  ["https://example.org/notes/", "/notes/"],
  ["http://127.0.0.1:8080/team/notes/", "/team/notes/"],
  ["http://localhost:5173/notes/?a=/b/#/c/", "/notes/"],
  ["about:blank", "/"],
  ["", "/"],
])("%s is in %s", (baseURI, folder) => {
  expect(folderOf(baseURI)).toBe(folder);
});

test("addresses are made and read beneath the folder", () => {
  for (const folder of ["/", "/notes/"]) {
    for (const path of ["/", "/d/plan", "/api/v1/documents"]) {
      expect(pathOf(addressOf(path, folder), folder)).toBe(path);
    }
  }
  expect(addressOf("/d/plan", "/notes/")).toBe("/notes/d/plan");
  expect(pathOf("/notesabout/d/plan", "/notes/")).toBeNull();
});
