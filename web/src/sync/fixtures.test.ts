/** The bytes both sides are held to: tests/fixtures/messages.json, recorded with y-protocols, also read by the server's tests. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Awareness, applyAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { decodeFrame, encodeMessage, type Hello, type Message, type Role } from "./protocol";

interface Fixture {
  /** The kind of message, then perhaps a comma and what is special about it. */
  name: string;
  hex: string;
  vector?: string;
  update?: string;
  states?: { clientID: number; clock: number; state: Record<string, unknown> | null }[];
  reason?: string;
  hello?: Hello;
  n?: number;
  role?: Role;
  token?: number | string;
  failing?: boolean;
  used?: number;
  limit?: number;
}

const fixtures: Fixture[] = JSON.parse(
  readFileSync(new URL("../../../tests/fixtures/messages.json", import.meta.url), "utf8"),
);

test.each(fixtures)("$name", (fixture) => {
  const frame = bytes(fixture.hex);
  const [message, ...more] = decodeFrame(frame);
  if (!message) throw new Error("no message");
  expect(more).toEqual([]);
  if (message.type === "awareness") expectStates(message.update, fixture.states);
  else expect(message).toEqual(expected(fixture));
  expect(hex(encodeMessage(message))).toBe(fixture.hex);
});

/** What the fixture says in words. A kind of message that isn't known here is a failure: the two sides have drifted. */
function expected(fixture: Fixture): Message {
  const kind = fixture.name.split(",")[0];
  switch (kind) {
    case "sync step 1":
      return { type: "syncStep1", stateVector: bytes(fixture.vector) };
    case "sync step 2":
      return { type: "syncStep2", update: bytes(fixture.update) };
    case "update":
      return { type: "update", update: bytes(fixture.update) };
    case "auth":
      return { type: "permissionDenied", reason: given(fixture.reason) };
    case "query awareness":
      return { type: "queryAwareness" };
    case "hello":
      return { type: "hello", hello: given(fixture.hello) };
    case "saved":
      return { type: "saved", upTo: given(fixture.n) };
    case "role":
      return { type: "role", role: given(fixture.role) };
    case "ping":
    case "pong":
      return { type: kind, token: Number(given(fixture.token)) };
    case "token":
      return { type: "token", token: String(given(fixture.token)) };
    case "storage":
      return { type: "storage", problem: given(fixture.failing) ? given(fixture.reason) : null };
    case "space":
      return { type: "space", used: given(fixture.used), limit: given(fixture.limit) };
    default:
      throw new Error(`"${fixture.name}" is not known here`);
  }
}

function expectStates(update: Uint8Array, states: Fixture["states"]): void {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState(null);
  applyAwarenessUpdate(awareness, update, null);
  for (const { clientID, clock, state } of given(states)) {
    expect(awareness.states.get(clientID) ?? null).toEqual(state);
    expect(awareness.meta.get(clientID)?.clock).toBe(clock);
  }
  expect(awareness.states.size).toBe(given(states).filter(({ state }) => state !== null).length);
  awareness.destroy();
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("The fixture lacks a field");
  return value;
}

function bytes(hex: string | undefined): Uint8Array {
  return new Uint8Array(Buffer.from(given(hex), "hex"));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
