/** A document near its limit, and at it: what the provider tells, and that nothing typed is held back. */
import { beforeEach, expect, test } from "vitest";
import type { Space } from "./state";
import { Server } from "./testing/server";
import { World } from "./testing/world";
import { Writer } from "./testing/writer";

let world: World;
let server: Server;
let writer: Writer;
let told: (Space | null)[];

beforeEach(() => {
  world = new World();
  server = new Server(world);
  writer = new Writer(world);
  told = [];
  writer.provider.on("space", (space) => told.push(space));
  writer.provider.connect();
  world.advance(20);
});

function says(used: number): void {
  server.broadcast({ type: "space", used, limit: 100 });
  world.advance(2);
}

test("space is told while it is short", () => {
  expect(writer.provider.space).toBe(null);
  says(90);
  expect(writer.provider.space).toEqual({ used: 90, limit: 100 });
  says(84);
  expect(writer.provider.space).toBe(null);
  expect(told).toEqual([{ used: 90, limit: 100 }, null]);
});

test("a server that says nothing of it after a break has room again", () => {
  says(90);
  server.cut();
  expect(writer.provider.space).toEqual({ used: 90, limit: 100 });
  world.advance(2_000);
  expect(writer.status).toBe("synced");
  expect(writer.provider.space).toBe(null);
});

test("who may only delete stays connected, and whatever is made is sent", () => {
  server.broadcast({ type: "role", role: "trimmer" });
  world.advance(2);
  expect(writer.provider.role).toBe("trimmer");
  writer.type("typed before the word came");
  world.advance(20);
  expect(server.text).toBe("typed before the word came");
  expect(writer.saving).toEqual([0, "saved"]);
  server.broadcast({ type: "role", role: "editor" });
  world.advance(2);
  expect(world.sockets.length).toBe(1);
  expect(writer.provider.role).toBe("editor");
});

test("who comes to a full document gives what was written offline", () => {
  server.cut();
  server.role = "trimmer";
  writer.type("written offline");
  world.advance(2_000);
  expect(writer.provider.role).toBe("trimmer");
  expect(server.text).toBe("written offline");
});
