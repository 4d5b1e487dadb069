/** A lost connection is noticed and made again, soon but not in a storm. */
import { beforeEach, describe, expect, test } from "vitest";
import { STABLE_AFTER_MS } from "./backoff";
import { CONNECT_TIMEOUT_MS, HEARTBEAT_MS, PROBE_TIMEOUT_MS, SILENCE_MS } from "./socket";
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

describe("connecting", () => {
  test("goes from offline over connecting to synced", () => {
    expect(writer.provider.state).toEqual({
      status: "offline",
      attempt: 0,
      retryAt: Number.POSITIVE_INFINITY,
      last: null,
    });
    synced();
    expect(writer.states).toEqual([{ status: "connecting", attempt: 1 }, { status: "synced" }]);
    expect(world.socket.protocols).toEqual(["cowrite.v1"]);
    expect(world.socket.binaryType).toBe("arraybuffer");
    expect(writer.provider.hello).toMatchObject({ title: "A title", kind: "markdown" });
    expect(writer.provider.role).toBe("editor");
  });

  test("an attempt that hangs is given up, and its socket is not heard again", () => {
    world.onSocket = () => {};
    writer.provider.connect();
    const first = world.socket;
    world.advance(CONNECT_TIMEOUT_MS);
    expect(writer.status).toBe("offline");
    expect(first.closedByClient).toBe(true);
    first.accept();
    first.hangUp(1006);
    expect(first.sent).toEqual([]);
    expect(writer.closes).toEqual([{ clean: false, code: 1006, reason: "Timed out connecting" }]);
  });

  test("a server that opens and says nothing is given up, later each time", () => {
    world.onSocket = (socket) => world.after(0, () => socket.accept());
    world.luck = 0;
    writer.provider.connect();
    world.advance(10_000);
    expect(writer.status).toBe("offline");
    world.advance(250);
    world.advance(10_000);
    expect(writer.status).toBe("connecting");
    world.advance(10_000);
    expect(writer.status).toBe("offline");
  });

  test("an address no socket can be opened to is told", () => {
    const nowhere = new World();
    nowhere.onSocket = () => {
      throw new SyntaxError("bad URL");
    };
    writer = new Writer(nowhere, { url: "::" });
    writer.provider.connect();
    expect(writer.errors.map(({ kind }) => kind)).toEqual(["url"]);
    expect(writer.status).toBe("offline");
    expect(writer.provider.nextRetryAt).not.toBeNull();
  });

  test("connecting twice makes one connection", () => {
    synced();
    writer.provider.connect();
    writer.provider.retryNow();
    world.advance(1_000);
    expect(world.sockets.length).toBe(1);
  });
});

describe("coming back", () => {
  test("the server is asked for the epoch it named before", () => {
    synced();
    server.cut();
    world.advance(2_000);
    expect(world.sockets.map(({ url }) => url)).toEqual(["ws://host/ws/doc", "ws://host/ws/doc?epoch=e1"]);
  });

  test("delays grow while attempts fail, and the state says when the next one comes", () => {
    server.reachable = false;
    world.onSocket = (socket) => world.after(1, () => socket.hangUp(1006, "", false));
    writer.provider.connect();
    const delays: number[] = [];
    for (let i = 0; i < 7; i++) {
      world.advance(1);
      const { state, nextRetryAt } = writer.provider;
      if (state.status !== "offline" || nextRetryAt === null) throw new Error(`${state.status}`);
      expect(state).toMatchObject({ attempt: i + 1, retryAt: nextRetryAt });
      delays.push(nextRetryAt - world.now());
      world.advance(nextRetryAt - world.now());
    }
    expect(delays).toEqual([625, 1125, 2125, 4125, 8125, 15125, 15125]);
  });

  test("an open connection alone does not start the delays over; a stable one does", () => {
    synced();
    for (let i = 0; i < 4; i++) {
      world.advance(STABLE_AFTER_MS - 1_000);
      server.close(1012);
      expect(writer.provider.state).toMatchObject({ status: "offline", attempt: i + 1 });
      writer.provider.retryNow();
      world.advance(20);
      expect(writer.status).toBe("synced");
    }
    world.advance(STABLE_AFTER_MS);
    server.close(1012);
    expect(writer.provider.state).toMatchObject({ status: "offline", attempt: 0 });
    expect(writer.provider.nextRetryAt).toBe(world.now() + 625);
  });

  test.each(["online", "visible"] as const)("the page's %s brings the next attempt forward", (signal) => {
    synced();
    server.cut();
    world.signal(signal);
    expect(writer.status).toBe("connecting");
    world.advance(20);
    expect(writer.status).toBe("synced");
    world.advance(60_000);
    expect(world.sockets.length).toBe(2);
  });

  test("edits of both sides meet again", () => {
    synced();
    const other = new Writer(world);
    other.provider.connect();
    world.advance(20);
    server.cut();
    writer.type("mine ");
    other.type("theirs ");
    world.advance(5_000);
    expect(writer.text).toBe(other.text);
    expect(writer.text).toBe(server.text);
    expect(server.text).toContain("mine ");
    expect(server.text).toContain("theirs ");
  });

  test("disconnect plans nothing; connect starts again", () => {
    synced();
    writer.provider.disconnect();
    expect(writer.provider.state).toMatchObject({ status: "offline", retryAt: Number.POSITIVE_INFINITY });
    expect(writer.provider.nextRetryAt).toBeNull();
    world.signal("online");
    world.advance(60_000);
    expect(world.sockets.length).toBe(1);
    writer.provider.connect();
    world.advance(20);
    expect(writer.status).toBe("synced");
  });

  test("disconnect also calls off the attempt that was planned", () => {
    synced();
    server.cut();
    writer.provider.disconnect();
    expect(writer.provider.nextRetryAt).toBeNull();
    world.advance(60_000);
    expect(world.sockets.length).toBe(1);
  });

  test("destroy leaves no timer behind", () => {
    synced();
    writer.provider.destroy();
    world.advance(100);
    expect(world.timers).toBe(0);
    writer.type("a");
    writer.provider.connect();
    expect(world.sockets.length).toBe(1);
  });
});

describe("noticing a dead connection", () => {
  test("a quiet connection is pinged and lives", () => {
    synced();
    world.advance(HEARTBEAT_MS * 10);
    expect(world.socket.sentOf("ping").length).toBe(10);
    expect(writer.status).toBe("synced");
    expect(world.sockets.length).toBe(1);
  });

  test("a stock server is asked something it knows", () => {
    server.stock = true;
    synced();
    world.advance(HEARTBEAT_MS * 4);
    expect(world.socket.sentOf("ping")).toEqual([]);
    expect(world.socket.sentOf("syncStep1").length).toBe(5);
    expect(writer.status).toBe("synced");
  });

  test("silence ends it, although no close event comes", () => {
    synced();
    const first = world.socket;
    server.reachable = false;
    world.advance(SILENCE_MS);
    expect(writer.closes).toEqual([{ clean: false, code: 1006, reason: "Nothing was heard for 30 s" }]);
    expect(first.closedByClient).toBe(true);
    server.reachable = true;
    world.advance(1_000);
    expect(writer.status).toBe("synced");
    // The dead socket's close event comes at last.
    first.hangUp(1006, "", false);
    first.deliver({ type: "saved", upTo: 99 });
    expect(writer.status).toBe("synced");
    expect(writer.errors).toEqual([]);
  });

  test("after sleep, a silent connection is replaced as soon as the page is seen", () => {
    synced();
    world.turnClock(SILENCE_MS);
    world.signal("visible");
    expect(writer.states.slice(-2).map(({ status }) => status)).toEqual(["offline", "connecting"]);
    world.advance(20);
    expect(writer.status).toBe("synced");
  });

  test("a clock that was set back doesn't hide the silence", () => {
    synced();
    world.turnClock(-3_600_000);
    server.reachable = false;
    world.advance(SILENCE_MS + HEARTBEAT_MS);
    expect(writer.closes.length).toBe(1);
  });

  test.each(["offline", "visible", "online"] as const)(
    "on %s a dead connection is found within seconds",
    (signal) => {
      synced();
      server.reachable = false;
      world.signal(signal);
      expect(writer.status).toBe("synced");
      world.advance(PROBE_TIMEOUT_MS);
      expect(writer.closes).toEqual([{ clean: false, code: 1006, reason: "Nothing was heard for 5 s" }]);
    },
  );

  test("an offline event that isn't true changes nothing", () => {
    synced();
    world.signal("offline");
    world.advance(PROBE_TIMEOUT_MS * 2);
    expect(writer.status).toBe("synced");
    expect(world.sockets.length).toBe(1);
  });
});
