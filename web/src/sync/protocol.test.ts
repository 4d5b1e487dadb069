/** The bytes on the wire, as docs/protocol.md has them. */
import { expect, test } from "vitest";
import { decodeFrame, encodeMessage, type Hello, MalformedMessage, type Message } from "./protocol";

const hello: Hello = {
  epoch: "e1",
  role: "editor",
  session: "s1",
  kind: "markdown",
  title: "Grüße",
  limits: { message_bytes: 8_388_608 },
};

/** The bytes of a varString. */
function text(string: string): number[] {
  const bytes = new TextEncoder().encode(string);
  expect(bytes.length).toBeLessThan(16_384);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) + 128, bytes.length >> 7];
  return [...length, ...bytes];
}

const known: [Message, number[]][] = [
  [{ type: "syncStep1", stateVector: new Uint8Array([0]) }, [0, 0, 1, 0]],
  [{ type: "syncStep2", update: new Uint8Array([0, 0]) }, [0, 1, 2, 0, 0]],
  [{ type: "update", update: new Uint8Array([1, 2, 3]) }, [0, 2, 3, 1, 2, 3]],
  [{ type: "awareness", update: new Uint8Array([0]) }, [1, 1, 0]],
  [{ type: "permissionDenied", reason: "no" }, [2, 0, ...text("no")]],
  [{ type: "queryAwareness" }, [3]],
  [{ type: "hello", hello }, [100, ...text(JSON.stringify(hello))]],
  [{ type: "saved", upTo: 0 }, [101, 0]],
  [{ type: "saved", upTo: 300 }, [101, 0xac, 2]],
  [{ type: "role", role: "owner" }, [102, ...text("owner")]],
  [{ type: "ping", token: 7 }, [103, 7]],
  [{ type: "pong", token: 128 }, [104, 0x80, 1]],
  [{ type: "storage", problem: "disk full" }, [105, 1, ...text("disk full")]],
  [{ type: "storage", problem: null }, [105, 0, 0]],
  [{ type: "role", role: "trimmer" }, [102, ...text("trimmer")]],
  [{ type: "space", used: 90, limit: 300 }, [106, 90, 0xac, 2]],
];

test.each(known)("%o is written and read", (message, bytes) => {
  expect([...encodeMessage(message)]).toEqual(bytes);
  expect(decodeFrame(new Uint8Array(bytes))).toEqual([message]);
});

test("a frame may hold several messages", () => {
  const frame = new Uint8Array(known.flatMap(([, bytes]) => bytes));
  expect(decodeFrame(frame)).toEqual(known.map(([message]) => message));
});

test("no message can be cut short unnoticed", () => {
  for (const [, bytes] of known) {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeFrame(new Uint8Array(bytes.slice(0, length)))).toThrow(MalformedMessage);
    }
  }
});

test("a number of a later version hides the rest of its frame and nothing before it", () => {
  expect(decodeFrame(new Uint8Array([3, 120, 1, 2, 3]))).toEqual([
    { type: "queryAwareness" },
    { type: "unknown", number: 120 },
  ]);
});

test("a Hello may say whom the server takes this for", () => {
  for (const [said, understood] of [
    ["a1", { person: "a1" }],
    [7, {}],
  ] as const) {
    const bytes = new Uint8Array([100, ...text(JSON.stringify({ ...hello, person: said }))]);
    expect(decodeFrame(bytes)).toStrictEqual([{ type: "hello", hello: { ...hello, ...understood } }]);
  }
});

test("a Hello that says more is understood", () => {
  const longer = JSON.stringify({ ...hello, motto: "more", limits: { ...hello.limits, other: 1 } });
  expect(decodeFrame(new Uint8Array([100, ...text(longer)]))).toEqual([{ type: "hello", hello }]);
});

test.each([
  ["an unknown standard message", [4]],
  ["an unknown sync message", [0, 3, 0]],
  ["an unknown auth message", [2, 1, 0]],
  ["a role nobody has", [102, ...text("king")]],
  ["a storage flag beyond 1", [105, 2, 0]],
  ["a Hello that isn't JSON", [100, ...text("{")]],
  ["a Hello that isn't an object", [100, ...text("null")]],
  ["a Hello without limits", [100, ...text(JSON.stringify({ ...hello, limits: undefined }))]],
  ["text that isn't UTF-8", [102, 1, 0xff]],
  ["a number too large", [101, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
  ["a length beyond the frame", [0, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]],
])("%s is malformed", (_, bytes) => {
  expect(() => decodeFrame(new Uint8Array(bytes))).toThrow(MalformedMessage);
});
