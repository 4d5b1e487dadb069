import { expect, test } from "vitest";
import { type Asker, codeOf, refusalOf, type Why, whyOf } from "./refusals";

const guest: Asker = { mode: "accounts", signedIn: false, link: false };
const ada: Asker = { mode: "accounts", signedIn: true, link: false };
const byLink: Asker = { mode: "accounts", signedIn: false, link: true };
const embedded: Asker = { mode: "jwt", signedIn: false, link: false };

test.each<[number, Why | null, Asker, RegExp, string | null]>([
  [4401, null, guest, /sign in/i, "sign-in"],
  [4401, null, embedded, /application/, "retry"],
  [4401, "expired", ada, /signed out/, "sign-in"],
  [4401, "expired", byLink, /link has ended/, "sign-in"],
  [4401, "locked", byLink, /password/, "unlock"],
  [4401, "revoked", byLink, /no longer/, "sign-in"],
  [4403, null, ada, /no access/, "retry"],
  [4403, "forbidden", guest, /no access/, "sign-in"],
  [4403, "revoked", byLink, /no longer/, "sign-in"],
  [4403, "revoked", ada, /no longer/, "retry"],
  [4404, "trashed", ada, /trash/, "restore"],
  [4404, "deleted", ada, /was deleted/, null],
  [4404, null, ada, /not exist/, null],
  [4409, null, ada, /replaced/, "reload"],
  [4413, null, ada, /too large/, "reload"],
  [4422, null, ada, /could not be read/, "reload"],
])("%i, %s", (code, why, asker, title, help) => {
  const refusal = refusalOf(code, "", why, asker);
  expect(refusal.title).toMatch(title);
  expect(refusal.help).toBe(help);
  expect(refusal.happened).toMatch(/\.$/);
  expect(refusal.advice).toMatch(/\.$/);
});

test("nobody in an application around this one is sent to a page to sign in on", () => {
  for (const why of ["unauthenticated", "expired", "forbidden", "revoked"] as const) {
    expect(refusalOf(4401, "", why, embedded).help).not.toBe("sign-in");
  }
});

test("an unknown code says what the server said", () => {
  expect(refusalOf(4499, "Because.", null, ada).happened).toBe("Because.");
});

test("only what is about access is a reason", () => {
  expect(whyOf("revoked")).toBe("revoked");
  expect(whyOf("deleted-document")).toBe("deleted");
  expect(whyOf("unknown-document")).toBe(null);
});

test.each<[Why, number]>([
  ["locked", 4401],
  ["forbidden", 4403],
  ["trashed", 4404],
])("%s comes with %i", (why, code) => {
  expect(codeOf(why)).toBe(code);
});
