/**
 * Who is here: turns awareness states, which any peer may fill with anything, into people that are safe to show.
 */
import { inkOn, safeColor } from "./colors";

/** What this page publishes about its writer; the shape `y-codemirror.next` uses. */
export interface UserState {
  name: string;
  color: string;
  colorLight: string;
}

export interface Person {
  client: number;
  name: string;
  /** `#rrggbb`, always. */
  color: string;
  /** Black or white, to be read on `color`. */
  ink: string;
  /** Whether the server knows others here and not this one. */
  guest: boolean;
  /** Whom the server says that it is: the same on all pages that they have open, and nobody else's. Null where it does not know. */
  who: string | null;
}

export const MAX_NAME_LENGTH = 40;
/** What somebody without a name is called by those who have no other word for it. */
const NAMELESS = "Anonymous";

/** Controls, line breaks and the characters that turn the direction of the text around them. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

export function personOf(client: number, state: unknown, nameless = NAMELESS): Person {
  const user = isRecord(state) && isRecord(state.user) ? state.user : {};
  const color = safeColor(user.color, client);
  const name = cleanName(user.name, nameless);
  // See the server's stamps in docs/protocol.md.
  const known = user.identity === "account" || user.identity === "subject";
  return {
    client,
    name,
    color,
    ink: inkOn(color),
    guest: user.identity === "guest",
    // A server that says no more vouches for the name.
    who: known ? (typeof user.id === "string" ? `#${user.id}` : `=${name}`) : null,
  };
}

export function samePerson(a: Person, b: Person): boolean {
  return a.client === b.client && a.name === b.name && a.color === b.color && a.guest === b.guest;
}

/** One line of at most 40 characters; never empty. */
export function cleanName(value: unknown, nameless = NAMELESS): string {
  if (typeof value !== "string") return nameless;
  // Cut before cleaning, so that a name of megabytes costs nothing; a character is at most a few code units.
  const clean = value
    .slice(0, MAX_NAME_LENGTH * 16)
    .replace(/\s+/g, " ")
    .replace(UNPRINTABLE, "")
    .trim();
  return Array.from(clean).slice(0, MAX_NAME_LENGTH).join("").trim() || nameless;
}

/** Up to two letters for an avatar: "Ada King" is "AK", "王小明" is "王"; guests are told apart by number, "42". */
export function initials(name: string): string {
  const words = name.split(" ").filter(Boolean);
  const number = /^\d{1,3}$/.exec(words[words.length - 1] ?? "");
  if (number) return number[0];
  const first = Array.from(words[0] ?? "?")[0] ?? "?";
  const last = words.length > 1 ? (Array.from(words[words.length - 1] ?? "")[0] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

export function userState(name: string, color: string): UserState {
  return { name, color, colorLight: `${color}33` };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
