/** Who is asking: signing in and out, first accounts, invitations, and what one may change about oneself. */
import { fields, json, list, nonsense, request, text, time } from "./request";
import { remember } from "./storage";

/** How the server tells people apart: not at all, by its own accounts, or by the tokens of the application around it. */
export type Mode = "open" | "accounts" | "jwt";

export type Identity =
  | { kind: "guest" }
  | { kind: "account"; id: string; name: string; displayName: string; administrator: boolean }
  | { kind: "subject"; subject: string; displayName: string };

/** What this device remembers as whom the server last took its reader for, until they sign out: `userOf`. */
export const USER = "user";

export interface Me {
  mode: Mode;
  identity: Identity;
  may: { create: boolean; administer: boolean };
  /** Whether there is a first account. */
  founded: boolean;
}

export interface Session {
  id: string;
  /** Milliseconds since 1970, like the others. */
  created: number | null;
  seen: number | null;
  expires: number | null;
  /** Whether it is this one. */
  current: boolean;
}

export interface NewAccount {
  /** What the invitation, or the server at its terminal, said. */
  token: string;
  name: string;
  display_name: string;
  password: string;
}

export async function getMe(): Promise<Me> {
  return toMe(await request("/me"));
}

export async function signIn(name: string, password: string): Promise<Me> {
  return toMe(await request("/session", json("POST", { name, password })));
}

export async function signOut(): Promise<void> {
  await request("/session", { method: "DELETE" });
  remember(USER, null);
}

export async function setUp(account: NewAccount): Promise<Me> {
  return toMe(await request("/setup", json("POST", account)));
}

export async function acceptInvitation(account: NewAccount): Promise<Me> {
  return toMe(await request("/invitations/accept", json("POST", account)));
}

export async function changeMe(change: {
  display_name?: string;
  password?: { old: string; new: string };
}): Promise<Me> {
  return toMe(await request("/me", json("PATCH", change)));
}

export async function listSessions(): Promise<Session[]> {
  return list(await request("/sessions"), "sessions").map((value) => {
    const { id, created, seen, expires, current } = fields(value);
    return {
      id: text(id),
      created: time(created),
      seen: time(seen),
      expires: time(expires),
      current: current === true,
    };
  });
}

export async function endSession(id: string): Promise<void> {
  await request(`/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Ends all but this one. */
export async function endOtherSessions(): Promise<void> {
  await request("/sessions", { method: "DELETE" });
}

function toMe(value: unknown): Me {
  const { mode, identity, may, founded } = fields(value);
  if (mode !== "open" && mode !== "accounts" && mode !== "jwt") throw nonsense();
  const { create, administer } = fields(may);
  const me: Me = {
    mode,
    identity: toIdentity(fields(identity)),
    may: { create: create === true, administer: administer === true },
    founded: founded !== false,
  };
  remember(USER, userOf(me));
  return me;
}

/** Whose copies of documents those on this device are, in one word. */
export function userOf({ mode, identity }: Me): string {
  switch (identity.kind) {
    case "account":
      return `account ${identity.id}`;
    case "subject":
      return `subject ${identity.subject}`;
    case "guest":
      return mode === "open" ? "open" : "guest";
  }
}

function toIdentity(value: Record<string, unknown>): Identity {
  const displayName = text(value.display_name);
  if (value.kind === "subject") {
    const subject = text(value.subject);
    return { kind: "subject", subject, displayName: displayName || subject };
  }
  if (value.kind !== "account") return { kind: "guest" };
  const name = text(value.name);
  return {
    kind: "account",
    id: text(value.id),
    name,
    displayName: displayName || name,
    administrator: value.administrator === true,
  };
}
