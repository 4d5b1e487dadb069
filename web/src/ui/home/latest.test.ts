import { expect, test } from "vitest";
import { Latest } from "./latest";

function question() {
  let resolve: (answer: string) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<string>((...both) => {
    [resolve, reject] = both;
  });
  let signal: AbortSignal | undefined;
  const ask = (given: AbortSignal) => {
    signal = given;
    return promise;
  };
  return { ask, resolve, reject, given_up: () => signal?.aborted };
}

test("an answer that comes after another question is dropped", async () => {
  const latest = new Latest();
  const [first, second] = [question(), question()];
  const [one, two] = [latest.ask(first.ask), latest.ask(second.ask)];
  expect(first.given_up()).toBe(true);
  expect(second.given_up()).toBe(false);
  second.resolve("new");
  expect(await two).toEqual({ answer: "new" });
  first.resolve("old");
  expect(await one).toBe(null);
});

test("so is a failure, but not that of the last", async () => {
  const latest = new Latest();
  const [first, second] = [question(), question()];
  const [one, two] = [latest.ask(first.ask), latest.ask(second.ask)];
  first.reject(new Error("too late"));
  expect(await one).toBe(null);
  second.reject(new Error("no"));
  await expect(two).rejects.toThrow("no");
});

test("nobody waits for what was dropped", async () => {
  const latest = new Latest();
  const only = question();
  const one = latest.ask(only.ask);
  latest.drop();
  expect(only.given_up()).toBe(true);
  only.resolve("late");
  expect(await one).toBe(null);
});
