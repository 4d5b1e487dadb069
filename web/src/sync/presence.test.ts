/** Who is here: seen soon, not in a storm, and gone when gone. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeMessage } from "./protocol";
import { Server } from "./testing/server";
import { World } from "./testing/world";
import { Writer } from "./testing/writer";

let world: World;
let server: Server;
let anna: Writer;
let ben: Writer;

beforeEach(() => {
  world = new World();
  server = new Server(world);
  [anna, ben] = [join("anna"), join("ben")];
});

afterEach(() => {
  anna.provider.destroy();
  ben.provider.destroy();
  server.destroy();
});

function join(name: string): Writer {
  const writer = new Writer(world);
  writer.provider.awareness.setLocalState({ user: { name } });
  writer.provider.connect();
  world.advance(200);
  return writer;
}

/** The names that `writer` sees, its own included. */
function seenBy(writer: Writer): string[] {
  return [...writer.provider.awareness.getStates().values()].map((state) => state.user.name).sort();
}

test("everybody sees everybody, whoever came first", () => {
  expect(seenBy(anna)).toEqual(["anna", "ben"]);
  expect(seenBy(ben)).toEqual(["anna", "ben"]);
});

test("without a connection nobody else is here, and with one they are back at once", () => {
  server.cut();
  expect(seenBy(anna)).toEqual(["anna"]);
  world.advance(2_000);
  expect(seenBy(anna)).toEqual(["anna", "ben"]);
  expect(seenBy(ben)).toEqual(["anna", "ben"]);
});

test("one who drops out and comes back sees and is seen at once", () => {
  anna.provider.disconnect();
  world.advance(5);
  expect(seenBy(ben)).toEqual(["ben"]);
  anna.provider.connect();
  world.advance(20);
  expect(seenBy(ben)).toEqual(["anna", "ben"]);
  expect(seenBy(anna)).toEqual(["anna", "ben"]);
});

test("a server that raises the clock of whom it removes, as yrs does, is no hindrance", () => {
  const clock = anna.provider.awareness.meta.get(anna.doc.clientID)?.clock ?? 0;
  anna.provider.disconnect();
  world.advance(5);
  ben.provider.awareness.meta.set(anna.doc.clientID, { clock: clock + 1, lastUpdated: Date.now() });
  anna.provider.connect();
  world.advance(20);
  expect(seenBy(ben)).toEqual(["anna", "ben"]);
});

test("a storm of cursors leaves as 20 states a second, the last one included", () => {
  const socket = world.sockets[0];
  const before = socket?.sentOf("awareness").length ?? 0;
  for (let i = 0; i < 1_000; i++) {
    anna.provider.awareness.setLocalStateField("cursor", { anchor: i, head: i });
    world.advance(1);
  }
  world.advance(100);
  const sent = (socket?.sentOf("awareness").length ?? 0) - before;
  expect(sent).toBeGreaterThan(15);
  expect(sent).toBeLessThanOrEqual(22);
  const seen = ben.provider.awareness.getStates().get(anna.doc.clientID);
  expect(seen?.cursor).toEqual({ anchor: 999, head: 999 });
});

test("cursors wait while the text has not left", () => {
  const socket = world.sockets[0];
  if (!socket) throw new Error("no socket");
  const before = socket.sentOf("awareness").length;
  socket.bufferedAmount = 2 * 1024 * 1024;
  anna.provider.awareness.setLocalStateField("cursor", 1);
  world.advance(1_000);
  expect(socket.sentOf("awareness").length).toBe(before);
  socket.bufferedAmount = 0;
  world.advance(100);
  expect(socket.sentOf("awareness").length).toBe(before + 1);
});

test("the server's question is answered", () => {
  const socket = world.sockets[0];
  const before = socket?.sentOf("awareness").length ?? 0;
  socket?.deliverBytes(encodeMessage({ type: "queryAwareness" }));
  expect(socket?.sentOf("awareness").length).toBe(before + 1);
});

test("whoever is destroyed says goodbye", () => {
  anna.provider.destroy();
  expect(world.sockets[0]?.sentOf("awareness").at(-1)?.update.slice(-4)).toEqual(
    new TextEncoder().encode("null"),
  );
  world.advance(5);
  expect(seenBy(ben)).toEqual(["ben"]);
});

test("a claim that we are gone is objected to", () => {
  const { awareness } = anna.provider;
  const clock = awareness.meta.get(anna.doc.clientID)?.clock ?? 0;
  const before = world.sockets[0]?.sentOf("awareness").length ?? 0;
  server.broadcast({ type: "awareness", update: removal(anna.doc.clientID, clock + 3) });
  world.advance(100);
  expect(seenBy(anna)).toContain("anna");
  expect(world.sockets[0]?.sentOf("awareness").length).toBe(before + 1);
});

test("somebody's unreadable presence is told and left out", () => {
  world.sockets[0]?.deliver({ type: "awareness", update: new Uint8Array([1, 5, 1, 1, 123]) });
  expect(anna.errors.map(({ kind }) => kind)).toEqual(["presence"]);
  expect(anna.status).toBe("synced");
});

function removal(client: number, clock: number): Uint8Array {
  const varUint = (n: number): number[] =>
    n < 128 ? [n] : [(n % 128) + 128, ...varUint(Math.floor(n / 128))];
  return new Uint8Array([1, ...varUint(client), ...varUint(clock), 4, ...new TextEncoder().encode("null")]);
}
