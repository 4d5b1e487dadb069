/** A server that says no is believed; one that makes no sense is not. */
import { beforeEach, describe, expect, test } from "vitest";
import * as Y from "yjs";
import { encodeMessage } from "./protocol";
import { Server } from "./testing/server";
import { World } from "./testing/world";
import { Writer } from "./testing/writer";

let world: World;
let server: Server;
let writer: Writer;

beforeEach(() => {
  world = new World();
  server = new Server(world);
  writer = new Writer(world);
});

function synced(): void {
  writer.provider.connect();
  world.advance(20);
  expect(writer.status).toBe("synced");
}

describe("being refused", () => {
  test.each([4401, 4403, 4404, 4409, 4413, 4422])("%i stops, with a reason", (code) => {
    synced();
    writer.type("a");
    server.close(code);
    expect(writer.provider.state).toEqual({ status: "refused", code, reason: expect.stringMatching(/\.$/) });
    expect(writer.saving).toEqual([1, "unsaved"]);
    world.signal("online");
    world.signal("visible");
    world.advance(60_000);
    expect(world.sockets.length).toBe(1);
  });

  test("who loses the right to write while writing comes back as a reader, and keeps the rest", () => {
    synced();
    server.role = "viewer";
    server.broadcast({ type: "role", role: "viewer" });
    world.advance(2);
    writer.type("too late");
    server.close(4403, "You may not write here.");
    world.advance(2_000);
    expect(writer.status).toBe("synced");
    expect(writer.provider.role).toBe("viewer");
    expect(writer.saving).toEqual([1, "unsaved"]);
    server.close(4403, "You may not read here.");
    expect(writer.status).toBe("refused");
  });

  test.each([1000, 1001, 1006, 1011, 1012, 1013, 4408])("%i comes back", (code) => {
    synced();
    server.close(code);
    expect(writer.status).toBe("offline");
    world.advance(2_000);
    expect(writer.status).toBe("synced");
  });

  test("the server's own reason is preferred", () => {
    synced();
    server.close(4404, "Anna deleted it yesterday.");
    expect(writer.provider.state).toMatchObject({ reason: "Anna deleted it yesterday." });
  });

  test.each(["connect", "retryNow"] as const)("%s tries again", (method) => {
    synced();
    server.close(4401);
    writer.provider[method]();
    world.advance(20);
    expect(writer.status).toBe("synced");
  });

  test("another epoch is refused before anything is merged, even when the server lets it pass", () => {
    writer = new Writer(world, { epoch: "e0" });
    writer.type("old");
    writer.provider.connect();
    expect(world.socket.url).toBe("ws://host/ws/doc?epoch=e0");
    world.advance(20);
    expect(writer.provider.state).toMatchObject({ status: "refused", code: 4409 });
    expect(server.text).toBe("");
  });

  test("a stock server's permission denied is a refusal", () => {
    server.stock = true;
    synced();
    server.broadcast({ type: "permissionDenied", reason: "Private." });
    world.advance(5);
    expect(writer.provider.state).toEqual({ status: "refused", code: 4403, reason: "Private." });
  });
});

describe("a server that makes no sense", () => {
  test.each([
    ["an empty frame", new Uint8Array()],
    ["a truncated message", new Uint8Array([0, 2, 5, 1])],
    ["an unknown message", new Uint8Array([9])],
    ["an unknown sync message", new Uint8Array([0, 7, 0])],
    ["an update that cannot be read", new Uint8Array([0, 2, 3, 255, 255, 255])],
    ["a Hello without fields", new Uint8Array([100, 2, 123, 125])],
    ["an acknowledgement of nothing", new Uint8Array([101, 50])],
  ])("%s is an error, and a new connection", (_, bytes) => {
    synced();
    world.socket.deliverBytes(bytes);
    expect(writer.errors.map(({ kind }) => kind)).toEqual(["malformed"]);
    expect(writer.status).toBe("offline");
    world.advance(2_000);
    expect(writer.status).toBe("synced");
  });

  test("a text frame too", () => {
    synced();
    world.socket.deliverText("hi");
    expect(writer.errors.map(({ kind }) => kind)).toEqual(["malformed"]);
    expect(writer.status).toBe("offline");
  });

  test("messages of a later version are ignored", () => {
    synced();
    world.socket.deliverBytes(new Uint8Array([120, 1, 2, 3]));
    expect(writer.errors).toEqual([]);
    expect(writer.status).toBe("synced");
  });

  test("several messages in a frame are all taken", () => {
    synced();
    world.socket.deliverBytes(
      new Uint8Array([104, 1, 105, 1, 1, 65, 102, 6, ...new TextEncoder().encode("viewer")]),
    );
    expect(writer.provider.saveState.storageProblem).toBe("A");
    expect(writer.provider.role).toBe("viewer");
  });

  test("a listener that throws disturbs nobody", () => {
    const complaints: unknown[] = [];
    const { error } = console;
    console.error = (...args) => complaints.push(args);
    try {
      writer.provider.on("message", () => {
        throw new Error("oops");
      });
      synced();
    } finally {
      console.error = error;
    }
    expect(complaints.length).toBeGreaterThan(0);
  });

  test("a listener may end the connection in the middle of a frame, and nothing after that is merged", () => {
    world.onSocket = () => {};
    writer.provider.on("hello", () => writer.provider.disconnect());
    writer.provider.connect();
    world.socket.accept();
    const theirs = new Y.Doc();
    theirs.getText("content").insert(0, "theirs");
    const limits = { message_bytes: 1_000 };
    const hello = { epoch: "e1", role: "editor", session: "s", kind: "text", title: "", limits } as const;
    const update = Y.encodeStateAsUpdate(theirs);
    const frame = [encodeMessage({ type: "hello", hello }), encodeMessage({ type: "syncStep2", update })];
    world.socket.deliverBytes(new Uint8Array(frame.flatMap((message) => [...message])));
    world.advance(60_000);
    expect(writer.status).toBe("offline");
    expect(writer.text).toBe("");
    expect(world.sockets.length).toBe(1);
  });
});
