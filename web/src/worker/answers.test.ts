/** The worker answers for the app's page and its files, and is not there for anything else. */
import { expect, test } from "vitest";
import { answerTo, cacheName, isOurs } from "./answers";

const FILES = { version: "1", first: ["assets/a-1.js", "favicon.svg"], later: ["assets/b-2.js"] };
const AT = "https://host";

const page = (path: string, scope = `${AT}/`) =>
  answerTo({ method: "GET", url: AT + path, navigates: true }, scope, FILES)?.kind;
const file = (url: string, scope = `${AT}/`, method = "GET") => {
  const answer = answerTo({ method, url, navigates: false }, scope, FILES);
  return answer?.kind === "file" ? answer.name : null;
};

test("the start and documents open without a server, and no other page does", () => {
  for (const path of ["/", "/?q=x", "/d/abc", "/d/abc/", "/d/a~b.c?x#y"]) expect(page(path)).toBe("page");
  for (const path of [
    "/sign-in",
    "/accounts",
    "/d/",
    "/d/a/b",
    "/api/v1/me",
    "/metrics",
    "/ws/abc",
    "/healthz",
  ]) {
    expect(page(path)).toBeUndefined();
  }
});

test("files of the build come from the cache, and nothing else does", () => {
  expect(file(`${AT}/assets/a-1.js`)).toBe("assets/a-1.js");
  expect(file(`${AT}/assets/b-2.js`)).toBe("assets/b-2.js");
  for (const path of [
    "/assets/c-3.js",
    "/api/v1/documents",
    "/ws/abc",
    "/metrics",
    "/sw.js",
    "/d/abc",
    "/",
  ]) {
    expect(file(AT + path)).toBeNull();
  }
  expect(file(`${AT}/assets/a-1.js`, `${AT}/`, "POST")).toBeNull();
  expect(file("https://elsewhere/assets/a-1.js")).toBeNull();
});

test("a server in a folder answers for its folder", () => {
  const scope = `${AT}/notes/`;
  expect(page("/notes/", scope)).toBe("page");
  expect(page("/notes/d/abc", scope)).toBe("page");
  expect(page("/d/abc", scope)).toBeUndefined();
  expect(page("/notes", scope)).toBeUndefined();
  expect(file(`${AT}/notes/assets/a-1.js`, scope)).toBe("assets/a-1.js");
  expect(file(`${AT}/assets/a-1.js`, scope)).toBeNull();
});

test("only caches of the own folder are its own", () => {
  expect(isOurs(cacheName(`${AT}/`, "2"), `${AT}/`)).toBe(true);
  expect(isOurs(cacheName(`${AT}/notes/`, "2"), `${AT}/`)).toBe(false);
  expect(isOurs("something else", `${AT}/`)).toBe(false);
});
