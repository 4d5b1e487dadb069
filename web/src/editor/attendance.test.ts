import { describe, expect, test } from "vitest";
import { Attendance, type Companion, IDLE_MS, ROW_MS, STEP_MS, seat, TYPING_MS } from "./attendance";
import { personOf } from "./people";

const person = (client: number, name = `Person ${client}`, identity?: string, id?: string) =>
  personOf(client, { user: { name, identity, id } });

/** A moment that is not the beginning of time, at the start of a step. */
const NOW = 100 * STEP_MS;

describe("whoever writes is typing", () => {
  const typing = (attendance: Attendance, now: number) => attendance.look([person(1)], now)[0][0]?.typing;

  test("while changes arrive in a row, and a moment longer", () => {
    const attendance = new Attendance();
    for (let at = 0; at <= 1000; at += 100) attendance.wrote(1, NOW + at);
    expect(typing(attendance, NOW + 1000)).toBe(true);
    expect(typing(attendance, NOW + 1000 + TYPING_MS - 1)).toBe(true);
    expect(typing(attendance, NOW + 1000 + TYPING_MS)).toBe(false);
  });

  test("not for one change, nor for several at once, which may be what they wrote offline", () => {
    const attendance = new Attendance();
    attendance.wrote(1, NOW);
    attendance.wrote(1, NOW + ROW_MS - 1);
    expect(typing(attendance, NOW + ROW_MS)).toBe(false);
  });

  test("not for changes that are far from each other", () => {
    const attendance = new Attendance();
    for (let n = 0; n < 5; n++) {
      attendance.wrote(1, NOW + n * TYPING_MS);
      expect(typing(attendance, NOW + n * TYPING_MS)).toBe(false);
    }
  });

  test("not for a caret that moves", () => {
    const attendance = new Attendance();
    for (let at = 0; at <= 1000; at += 50) attendance.moved(1, NOW + at);
    expect(typing(attendance, NOW + 1000)).toBe(false);
  });

  test("and it is known when that will end", () => {
    const attendance = new Attendance();
    attendance.wrote(1, NOW);
    attendance.wrote(1, NOW + ROW_MS);
    const [, until] = attendance.look([person(1)], NOW + ROW_MS);
    expect(until).toBe(NOW + ROW_MS + TYPING_MS);
    const [after, next] = attendance.look([person(1)], until);
    expect(after[0]).toMatchObject({ typing: false, idle: false });
    expect(next).toBe(NOW + ROW_MS + IDLE_MS);
    const [later, never] = attendance.look([person(1)], next);
    expect(later[0]).toMatchObject({ idle: true });
    expect(never).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("everybody", () => {
  test("comes in the order of what they did last", () => {
    const attendance = new Attendance();
    attendance.moved(1, NOW);
    attendance.moved(2, NOW + 2 * STEP_MS);
    attendance.wrote(3, NOW + STEP_MS);
    const [people] = attendance.look([person(1), person(2), person(3)], NOW + 2 * STEP_MS);
    expect(people.map(({ client }) => client)).toEqual([2, 3, 1]);
  });

  test("is the same while nothing but a moment passes", () => {
    const attendance = new Attendance();
    attendance.moved(1, NOW);
    const [before] = attendance.look([person(1)], NOW);
    attendance.moved(1, NOW + STEP_MS - 1);
    expect(attendance.look([person(1)], NOW + STEP_MS - 1)[0]).toEqual(before);
  });

  test("is there once for all their pages, if the server says who they are", () => {
    const attendance = new Attendance();
    attendance.moved(1, NOW);
    attendance.moved(2, NOW + 1);
    const [people] = attendance.look(
      [person(1, "Ann", "account"), person(2, "Ann", "account"), person(3, "Ann", "guest"), person(4, "Ann")],
      NOW + 1,
    );
    expect(people.map(({ clients }) => clients)).toEqual(expect.arrayContaining([[2, 1], [3], [4]]));
    expect(people).toHaveLength(3);
    expect(people.find(({ who }) => who)?.client, "the page where they did something last").toBe(2);
  });

  test("is somebody else than whoever has the same name, if the server tells them apart", () => {
    const pages = [
      person(1, "Ann", "account", "a"),
      person(2, "Ann", "account", "b"),
      person(3, "Ann", "subject", "a"),
      person(4, "Ann", "guest", "a"),
    ];
    const [people] = new Attendance().look(pages, NOW);
    expect(people.map(({ clients }) => clients)).toEqual([[1, 3], [2], [4]]);
    expect(people.map(({ key }) => key)).toEqual(["#a", "#b", "4"]);
  });

  test("types if they type in one of their pages", () => {
    const attendance = new Attendance();
    attendance.wrote(1, NOW);
    attendance.wrote(1, NOW + ROW_MS);
    attendance.moved(2, NOW + ROW_MS + 1);
    const pages = [person(1, "Ann", "account"), person(2, "Ann", "account")];
    expect(attendance.look(pages, NOW + ROW_MS + 1)[0]).toMatchObject([{ client: 2, typing: true }]);
  });

  test("the reader's own pages come last", () => {
    const attendance = new Attendance();
    attendance.moved(1, NOW);
    attendance.moved(2, NOW + 5 * STEP_MS);
    const isYou = ({ name }: { name: string }) => name === "Me";
    const [people] = attendance.look([person(2, "Me", "account"), person(1)], NOW + 5 * STEP_MS, isYou);
    expect(people).toMatchObject([
      { client: 1, you: false },
      { client: 2, you: true },
    ]);
  });
});

describe("the seats of those who are shown", () => {
  /** As `look` gives them: whoever did something last first. */
  const people = (seen: Record<string, number>) =>
    Object.entries(seen)
      .map(([key, steps]) => ({ key, seen: steps * STEP_MS, you: false }) as Companion)
      .sort((a, b) => b.seen - a.seen);

  test("go to whoever did something last", () => {
    expect(seat([], people({ a: 1, b: 3, c: 2 }), 2)).toEqual(["b", "c"]);
  });

  test("are kept by those who have them, whoever of them does something", () => {
    expect(seat(["b", "c"], people({ a: 1, b: 3, c: 9 }), 2)).toEqual(["b", "c"]);
  });

  test("change when somebody else did something much later, and then as few as possible", () => {
    expect(seat(["b", "c"], people({ a: 4, b: 3, c: 9 }), 2), "not yet").toEqual(["b", "c"]);
    expect(seat(["b", "c"], people({ a: 5, b: 3, c: 9 }), 2)).toEqual(["a", "c"]);
  });

  test("of those who left are taken", () => {
    expect(seat(["b", "c"], people({ a: 1, c: 2 }), 2)).toEqual(["c", "a"]);
    expect(seat(["b"], [], 2)).toEqual([]);
  });

  test("are at the end for the reader's own other pages", () => {
    const [a, b] = people({ a: 2, b: 1 }) as [Companion, Companion];
    expect(seat(["a"], [b, { ...a, you: true }], 2)).toEqual(["b", "a"]);
  });

  test("are not moved about when everybody types at once", () => {
    let seats = seat([], people({ a: 1, b: 1, c: 1, d: 1 }), 2);
    const first = seats;
    for (let step = 1; step < 50; step++) {
      seats = seat(seats, people({ a: step, b: step + (step % 2), c: step, d: step + 1 }), 2);
    }
    expect(seats).toEqual(first);
  });
});
