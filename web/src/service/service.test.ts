/** What is asked of the server and what is made of its answers, with a server that answers as it is told. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  ApiError,
  createLink,
  deleteForGood,
  fetchExport,
  getAccess,
  getDocument,
  getMe,
  grant,
  invite,
  keepLink,
  linkOf,
  listDocuments,
  listSessions,
  listTags,
  removeAccount,
  renameDocument,
  searchDocuments,
  signIn,
  tagDocument,
  takeLink,
  unlock,
} from ".";

interface Asked {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: unknown;
}

let asked: Asked[] = [];
let response: () => Response;

function answers(status: number, body: unknown = null, headers: Record<string, string> = {}) {
  const text = body === null ? null : JSON.stringify(body);
  response = () => new Response(status === 204 ? null : text, { status, headers });
}

const PROBLEM = "urn:problem-type:cowrite:";
const ID = "note~1";
const LOCKED = "cwl_AbC-_123";
const OPENED = `${LOCKED}.${"0f".repeat(32)}`;
const ACCOUNT = { id: "7", name: "ada", display_name: "Ada King", administrator: true };

beforeEach(() => {
  asked = [];
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  vi.stubGlobal("location", { origin: "https://notes.example", pathname: `/d/${ID}`, search: "", hash: "" });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    asked.push({
      path,
      method: init.method ?? "GET",
      headers: init.headers as Record<string, string>,
      body: typeof init.body === "string" ? JSON.parse(init.body) : init.body,
    });
    return response();
  });
});

afterEach(() => vi.unstubAllGlobals());

describe("who one is", () => {
  test("an account", async () => {
    answers(200, {
      mode: "accounts",
      identity: { kind: "account", ...ACCOUNT },
      may: { create: true, administer: true },
      founded: true,
    });
    expect(await getMe()).toEqual({
      mode: "accounts",
      identity: { kind: "account", id: "7", name: "ada", displayName: "Ada King", administrator: true },
      may: { create: true, administer: true },
      founded: true,
    });
    expect(asked).toMatchObject([{ path: "/api/v1/me", method: "GET" }]);
  });

  test("a guest, of a server that has no account yet", async () => {
    answers(200, { mode: "accounts", identity: { kind: "guest" }, may: {}, founded: false });
    expect(await getMe()).toMatchObject({
      identity: { kind: "guest" },
      may: { create: false, administer: false },
      founded: false,
    });
  });

  test("a mode nobody knows makes no sense", async () => {
    answers(200, { mode: "magic" });
    await expect(getMe()).rejects.toThrow("made no sense");
  });

  test("sessions, their times in either form", async () => {
    answers(200, { sessions: [{ id: "s", created: 1, seen: "1970-01-01T00:00:02Z", current: true }] });
    expect(await listSessions()).toEqual([{ id: "s", created: 1, seen: 2000, expires: null, current: true }]);
  });
});

describe("a refusal", () => {
  test("says what kind it is, why, and how long to wait", async () => {
    const problem = { type: `${PROBLEM}too-many-attempts`, title: "Too many", detail: "Wait a little." };
    answers(429, problem, { "retry-after": "30" });
    const error = await signIn("ada", "x").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 429, kind: "too-many-attempts", retryAfter: 30 });
    expect((error as Error).message).toBe("Wait a little.");
    expect(asked).toMatchObject([
      { path: "/api/v1/session", method: "POST", body: { name: "ada", password: "x" } },
    ]);
  });

  test("of something that is not a problem document says its status", async () => {
    response = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
    await expect(getMe()).rejects.toMatchObject({ status: 502, kind: "", retryAfter: null });
  });

  test("by nobody at all", async () => {
    response = () => {
      throw new TypeError("network");
    };
    await expect(getMe()).rejects.toMatchObject({ status: 0, message: "The server cannot be reached." });
  });
});

describe("a link", () => {
  test("leaves the address for its document's place, and comes with every request about it", async () => {
    const shown: string[] = [];
    vi.stubGlobal("history", {
      state: null,
      replaceState: (_state: unknown, _title: string, address: string) => shown.push(address),
    });
    location.hash = `#${LOCKED}`;
    takeLink(ID);
    expect(shown).toEqual([`/d/${ID}`]);
    expect(linkOf(ID)).toBe(LOCKED);
    expect(linkOf("other")).toBe(null);

    answers(200, { id: ID, role: "viewer" });
    expect(await getDocument(ID)).toMatchObject({ id: ID, role: "viewer", trashed: null, keeps: false });
    await renameDocument(ID, "New");
    response = () => new Response("text");
    expect(await (await fetchExport(ID, "md")).text()).toBe("text");
    for (const { headers } of asked) expect(headers["Cowrite-Link"]).toBe(LOCKED);

    answers(200, { id: "other" });
    await getDocument("other");
    expect(asked.at(-1)?.headers).not.toHaveProperty("Cowrite-Link");
  });

  test.each(["", "#", "#heading", "#cwl_", "#cwl_a b", "#cwi_abc", "#cwl_a.short"])("is not %j", (hash) => {
    location.hash = hash;
    takeLink(ID);
    expect(linkOf(ID)).toBe(null);
  });

  test("that is locked is opened with its password, and stays open", async () => {
    keepLink(ID, LOCKED);
    answers(200, { link: OPENED });
    expect(await unlock(ID, "sesame")).toBe(OPENED);
    expect(asked[0]).toMatchObject({ method: "POST", body: { link: LOCKED, password: "sesame" } });
    expect(linkOf(ID)).toBe(OPENED);

    vi.stubGlobal("history", { state: null, replaceState: () => {} });
    location.hash = `#${LOCKED}`;
    takeLink(ID);
    expect(linkOf(ID)).toBe(OPENED);
  });

  test("stays locked after a wrong one", async () => {
    keepLink(ID, LOCKED);
    answers(401, { type: `${PROBLEM}wrong-password`, detail: "That is not it." });
    await expect(unlock(ID, "x")).rejects.toMatchObject({ kind: "wrong-password" });
    expect(linkOf(ID)).toBe(LOCKED);
  });

  test("that is made is told once, as an address", async () => {
    answers(201, { link: { id: "l", role: "editor", password: true, expires: 5 }, token: "cwl_x" });
    expect(await createLink(ID, { role: "editor", password: "p" })).toEqual({
      id: "l",
      role: "editor",
      password: true,
      expires: 5,
      created: null,
      revoked: null,
      address: `https://notes.example/d/${ID}#cwl_x`,
    });
  });
});

describe("sharing", () => {
  test("who has access", async () => {
    answers(200, {
      owner: null,
      grants: [{ account: ACCOUNT, role: "commenter" }],
      links: [{ id: "l", role: "viewer", password: false, revoked: 9 }],
    });
    const access = await getAccess(ID);
    expect(access.owner).toBe(null);
    expect(access.grants).toEqual([
      { account: { id: "7", name: "ada", displayName: "Ada King" }, role: "commenter" },
    ]);
    expect(access.links[0]?.revoked).toBe(9);
  });

  test("names are written into paths with care", async () => {
    answers(200, {});
    await grant(ID, "a/b ?", "viewer");
    expect(asked[0]).toMatchObject({
      path: `/api/v1/documents/${ID}/grants/a%2Fb%20%3F`,
      method: "PUT",
      body: { role: "viewer" },
    });
    answers(204);
    await removeAccount("7", "a&b");
    expect(asked[1]?.path).toBe("/api/v1/accounts/7?heir=a%26b");
  });

  test("an invitation is an address of this site", async () => {
    answers(201, { id: "i", token: "cwi_x", url: "/join#cwi_x", expires: 7 });
    expect(await invite()).toEqual({ id: "i", expires: 7, address: "https://notes.example/join#cwi_x" });
  });
});

test("the trash is listed apart, and emptied for good", async () => {
  answers(200, { documents: [{ id: ID, trashed: "1970-01-01T00:00:01Z" }], next_cursor: "c" });
  expect(await listDocuments({ trash: true })).toMatchObject({
    documents: [{ id: ID, trashed: 1000, keeps: true, role: null }],
    next: "c",
  });
  expect(asked[0]?.path).toContain("trash=true");
  answers(204);
  await deleteForGood(ID);
  expect(asked[1]).toMatchObject({ path: `/api/v1/documents/${ID}?for_good=true`, method: "DELETE" });
});

test("a page of the list is asked for in an order, of a tag, from a place on", async () => {
  answers(200, { documents: [{ id: ID, tags: ["a", 7, "b"], created: 5 }], next_cursor: null });
  const page = await listDocuments({ sort: "title", tag: "a & b", cursor: "t1" });
  expect(page).toMatchObject({ documents: [{ tags: ["a", "b"], created: 5 }], next: null });
  expect(asked[0]?.path).toMatch(/sort=title&tag=a\+%26\+b&cursor=t1$/);
});

test("the tags of all documents come in the order in which they are listed", async () => {
  const tags = [
    { name: "work", documents: 12 },
    { name: "a", documents: 2 },
  ];
  answers(200, { tags, total: 2 });
  expect(await listTags()).toEqual(["work", "a"]);
  expect(asked).toMatchObject([{ path: "/api/v1/tags", method: "GET" }]);
  answers(200, { tags: ["work"] });
  await expect(listTags()).rejects.toThrow("made no sense");
});

test("what is found comes with a line of its text; marks that are none are left out", async () => {
  const snippet = { text: "the plan", marks: [[4, 8], [1], ["a", 2]] };
  answers(200, { documents: [{ id: ID, snippet }, { id: "bare" }], next_cursor: "20", indexing: true });
  expect(await searchDocuments("plan")).toMatchObject({
    documents: [
      { id: ID, snippet: { text: "the plan", marks: [[4, 8]] } },
      { id: "bare", snippet: { text: "", marks: [] } },
    ],
    next: "20",
    indexing: true,
  });
  expect(asked[0]?.path).toContain("query=plan");
});

test("tags are given all at once", async () => {
  answers(200, { id: ID, tags: ["x"] });
  expect((await tagDocument(ID, ["x"])).tags).toEqual(["x"]);
  expect(asked[0]).toMatchObject({ method: "PATCH", body: { tags: ["x"] } });
});
