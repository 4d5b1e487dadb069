import { expect, test } from "vitest";
import { documentPath, returnPath, routeOf, signInPath } from "./router";

test.each([
  ["/", { page: "home" }],
  ["/index.html", { page: "home" }],
  ["/d/plan", { page: "document", id: "plan" }],
  ["/d/plan/", { page: "document", id: "plan" }],
  ["/d/", { page: "missing" }],
  ["/d/a/b", { page: "missing" }],
  ["/sign-in", { page: "sign-in" }],
  ["/join", { page: "join" }],
  ["/setup", { page: "setup" }],
  ["/accounts", { page: "accounts" }],
  ["/elsewhere", { page: "missing" }],
])("%s", (path, route) => {
  expect(routeOf(path)).toEqual(route);
});

const ORIGIN = "https://notes.example";
const back = (from: string) => returnPath(`?${new URLSearchParams({ from })}`, ORIGIN);

test("signing in leads back to where one came from", () => {
  const { search } = new URL(signInPath(documentPath("plan")), ORIGIN);
  expect(returnPath(search, ORIGIN)).toBe("/d/plan");
  expect(back("/accounts")).toBe("/accounts");
});

test.each([
  "",
  "/",
  "//evil.example/d/x",
  "/\\evil.example/d/x",
  "/\t/evil.example/d/x",
  "https://evil.example/d/x",
  "https://notes.example@evil.example/d/x",
  "javascript:alert(1)",
  "d/x",
  "/sign-in?from=/sign-in",
  "/api/v1/documents",
  "http://[",
])("and to no other place: %j", (from) => {
  expect(back(from)).toBe("/");
});
