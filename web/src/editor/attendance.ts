/**
 * Who is here, what they do and who did something last. Pure: it is told what happened and when, and knows no clock, no network and
 * no page.
 *
 * Whoever writes shows it by what arrives: a change of the text carries the id of the client that made it. Nothing is sent for it, and
 * it also works for other clients than this app.
 */
import type { Person } from "./people";

/** Somebody who is here, once for all the pages they have open. */
export interface Companion extends Person {
  /** Who it is, for as long as they are here. `client` is the page where they did something last. */
  key: string;
  /** Their pages, the one where they did something last first. */
  clients: readonly number[];
  typing: boolean;
  /** Whether they did nothing for a good while. */
  idle: boolean;
  /** When they did something last, in milliseconds and rounded down to `STEP_MS`. */
  seen: number;
  /** Whether it is the reader of this page, in another one. */
  you: boolean;
}

/** Somebody counts as typing for so long after their last change. */
export const TYPING_MS = 3000;
/** From when on changes in a row are typing. One alone may be pasted, or what somebody wrote while they were offline. */
export const ROW_MS = 200;
/** Whoever did nothing for this long is idle. */
export const IDLE_MS = 5 * 60_000;
/** How exactly is known when somebody did something: a page that shows it should not change with every key that is pressed. */
export const STEP_MS = 10_000;

interface Seen {
  active: number;
  /** The first and the last of their changes in a row. */
  first: number;
  last: number;
}

export class Attendance {
  private readonly seen = new Map<number, Seen>();

  /** Somebody came, or their caret moved. */
  moved(client: number, now: number) {
    this.of(client, now).active = now;
  }

  /** A change of theirs arrived. */
  wrote(client: number, now: number) {
    const seen = this.of(client, now);
    if (now - seen.last >= TYPING_MS) seen.first = now;
    seen.last = now;
    seen.active = now;
  }

  left(client: number) {
    this.seen.delete(client);
  }

  /**
   * Everybody, whoever did something last first and the reader's own other pages at the end; and the moment from which on it will be
   * otherwise though nothing happens (`Infinity`: never).
   */
  look(people: Iterable<Person>, now: number, isYou = (_: Person) => false): [Companion[], until: number] {
    let until = Number.POSITIVE_INFINITY;
    const turns = (at: number) => {
      if (at > now) until = Math.min(until, at);
      return at > now;
    };
    const pages = new Map<string, Person[]>();
    for (const person of people) {
      const key = person.who ?? `${person.client}`;
      pages.set(key, [...(pages.get(key) ?? []), person]);
    }
    const companions = [...pages].map(([key, theirs]) => {
      const pages = theirs
        .map((person) => ({ person, seen: this.of(person.client, now) }))
        .sort((a, b) => b.seen.active - a.seen.active || a.person.client - b.person.client);
      const [{ person, seen }] = pages as [(typeof pages)[0]];
      const typing = pages.map(
        ({ seen }) => seen.last - seen.first >= ROW_MS && turns(seen.last + TYPING_MS),
      );
      return {
        ...person,
        key,
        clients: pages.map(({ person }) => person.client),
        typing: typing.includes(true),
        idle: !turns(seen.active + IDLE_MS),
        seen: Math.floor(seen.active / STEP_MS) * STEP_MS,
        you: isYou(person),
      };
    });
    companions.sort((a, b) => Number(a.you) - Number(b.you) || b.seen - a.seen || (a.key < b.key ? -1 : 1));
    return [companions, until];
  }

  private of(client: number, now: number): Seen {
    let seen = this.seen.get(client);
    if (!seen) {
      seen = { active: now, first: Number.NEGATIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
      this.seen.set(client, seen);
    }
    return seen;
  }
}

/**
 * Who is shown where there is room for `room`: whoever did something last, and as few moves as that allows. Those who are shown keep
 * their places; somebody else comes to the front, in place of the one who did nothing for longest, and only when that is much longer. The reader's own other pages are
 * at the end.
 *
 * @param before the keys that were shown
 * @param people whoever did something last first
 */
export function seat(before: readonly string[], people: readonly Companion[], room: number): string[] {
  const seen = new Map(people.map((person) => [person.key, person.seen]));
  const seenOf = (key: string) => seen.get(key) ?? 0;
  const seated = before.filter((key) => seen.has(key)).slice(0, room);
  for (const { key } of people) if (seated.length < room && !seated.includes(key)) seated.push(key);
  for (const { key, you } of people) {
    if (you || seated.includes(key) || seated.length === 0) continue;
    const longest = seated.reduce((a, b) => (seenOf(b) < seenOf(a) ? b : a));
    if (seenOf(key) - seenOf(longest) <= STEP_MS) break;
    seated.splice(seated.indexOf(longest), 1);
    seated.unshift(key);
  }
  const isYou = (key: string) => people.some((person) => person.key === key && person.you);
  return seated.sort((a, b) => Number(isYou(a)) - Number(isYou(b)));
}
