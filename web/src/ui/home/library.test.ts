/** What can be chosen on the start page, with a server that answers as it is told. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Library } from "./library.svelte";

const DOCUMENTS = [
  { id: "a", tags: ["work", "home"], trashed: null },
  { id: "b", tags: ["work"], trashed: null },
];

/** The tags that the server lists; null while it fails to. */
let listed: string[] | null;
let asked: string[];

beforeEach(() => {
  listed = [];
  asked = [];
  vi.stubGlobal("location", { origin: "https://notes.example", pathname: "/", search: "" });
  vi.stubGlobal("history", { pushState() {}, replaceState() {} });
  vi.stubGlobal("fetch", async (address: string) => {
    const path = new URL(address, "https://notes.example").pathname.replace("/api/v1", "");
    asked.push(path);
    if (path === "/documents") return Response.json({ documents: DOCUMENTS, next_cursor: null });
    if (path !== "/tags" || listed === null) throw new TypeError("network");
    const tags = listed.map((name) => ({ name, documents: 1 }));
    return Response.json({ tags, total: tags.length });
  });
});

afterEach(() => vi.unstubAllGlobals());

/** Until all that was asked is answered. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

test("the tags of all documents can be chosen, those of the page where there is no list", async () => {
  listed = ["everywhere", "elsewhere"];
  const library = new Library();
  await library.load();
  await settled();
  expect(library.tags).toEqual(["everywhere", "elsewhere"]);
  expect(library.failure).toBe(null);

  listed = null;
  await library.load();
  await settled();
  expect(library.tags).toEqual(["work", "home"]);
  expect(library.failure).toBe(null);

  listed = ["back"];
  await library.load();
  await settled();
  expect(library.tags).toEqual(["back"]);
});

test("they are asked for when they may have changed, and not with every letter of a search", async () => {
  const library = new Library();
  await library.load();
  await settled();
  const times = () => asked.filter((path) => path === "/tags").length;
  expect(times()).toBe(1);

  const [first] = library.shown?.documents ?? [];
  if (!first) throw new Error("there are two");
  library.update({ ...first, title: "Renamed" });
  expect(times()).toBe(1);
  listed = ["new"];
  library.update({ ...first, tags: ["new"] });
  await settled();
  expect([times(), library.tags]).toEqual([2, ["new"]]);
  library.drop("a");
  expect(times()).toBe(3);

  await settled();
  library.view = { ...library.view, query: "plan" };
  await library.load();
  expect(times()).toBe(3);
});
