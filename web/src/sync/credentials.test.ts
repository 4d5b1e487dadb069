/** Who comes with a token shows it, renews it in time, and does not knock for ever with one that was refused. */
import { beforeEach, describe, expect, test } from "vitest";
import { expiryOf, offerOf, refreshDelay } from "./credentials";
import { Server } from "./testing/server";
import { World } from "./testing/world";
import { Writer } from "./testing/writer";

let world: World;
let server: Server;

beforeEach(() => {
  world = new World();
  server = new Server(world);
});

/** A JSON Web Token that ends at `exp_ms`. */
function jwt(exp_ms: number, id = "a"): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  return `${part({ alg: "HS256" })}.${part({ exp: exp_ms / 1000, jti: id })}.c2ln`;
}

/** Lets promises settle. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("what is offered", () => {
  test("tokens travel as subprotocols, each once", () => {
    const writer = new Writer(world, { token: "cws_a", link: "cwl_b" });
    writer.provider.connect();
    expect(world.socket.protocols).toEqual(["cowrite.v1", "cowrite.token.cws_a", "cowrite.token.cwl_b"]);
  });

  test("what no subprotocol can carry goes as the first message", () => {
    expect(offerOf(["ok.1-_", "not ok", "né"])).toEqual({
      protocols: ["cowrite.v1", "cowrite.token.ok.1-_", "cowrite.token"],
      messages: ["not ok", "né"],
    });
    const writer = new Writer(world, { token: "not ok" });
    writer.provider.connect();
    world.advance(20);
    expect(world.socket.protocols).toEqual(["cowrite.v1", "cowrite.token"]);
    expect(world.socket.sent[0]).toEqual({ type: "token", token: "not ok" });
  });

  test("without any, nothing but the protocol is offered", () => {
    new Writer(world).provider.connect();
    expect(world.socket.protocols).toEqual(["cowrite.v1"]);
  });
});

describe("a token's end", () => {
  test("is read from a JSON Web Token and from nothing else", () => {
    expect(expiryOf(jwt(1_000_000))).toBe(1_000_000);
    for (const other of ["cws_abc", "a.b.c", "cwl_a.0f", "", "..", `a.${btoa("{}")}.c`]) {
      expect(expiryOf(other)).toBe(null);
    }
  });

  test("is minded a minute before, a fifth of its life before, and never in a hurry", () => {
    expect(refreshDelay(jwt(3_600_000), 0)).toBe(3_540_000);
    expect(refreshDelay(jwt(100_000), 0)).toBe(80_000);
    expect(refreshDelay(jwt(5_000), 0)).toBe(10_000);
    expect(refreshDelay(jwt(90 * 86_400_000), 0)).toBe(86_400_000);
    expect(refreshDelay(jwt(5_000), 5_000)).toBe(null);
    expect(refreshDelay("cws_a", 0)).toBe(null);
  });

  test("the next token is told on the open connection", async () => {
    let given = jwt(world.now() + 600_000, "first");
    const writer = new Writer(world, { token: () => given });
    writer.provider.connect();
    await settle();
    world.advance(20);
    expect(writer.status).toBe("synced");
    given = jwt(world.now() + 1_200_000, "second");
    world.advance(539_000);
    await settle();
    expect(world.socket.sentOf("token")).toEqual([]);
    world.advance(2_000);
    await settle();
    expect(world.socket.sentOf("token")).toEqual([{ type: "token", token: given }]);
    expect(world.sockets.length).toBe(1);
  });
});

describe("asking the application", () => {
  test("every attempt asks anew", async () => {
    let count = 0;
    const writer = new Writer(world, { token: async () => `t${++count}` });
    writer.provider.connect();
    expect(writer.status).toBe("connecting");
    await settle();
    world.advance(20);
    server.cut();
    world.advance(2_000);
    await settle();
    world.advance(20);
    expect(writer.status).toBe("synced");
    expect(world.socket.protocols).toContain("cowrite.token.t2");
  });

  test.each([
    ["fails", () => Promise.reject(new Error("no"))],
    ["never answers", () => new Promise<string>(() => {})],
  ])("one that %s is asked again later", async (_, token) => {
    const writer = new Writer(world, { token });
    writer.provider.connect();
    await settle();
    world.advance(10_000);
    expect(writer.errors[0]?.kind).toBe("token");
    expect(world.sockets.length).toBe(0);
    expect(["offline", "connecting"]).toContain(writer.status);
  });

  test("who disconnects while it is asked stays away", async () => {
    const writer = new Writer(world, { token: () => "t" });
    writer.provider.connect();
    writer.provider.disconnect();
    await settle();
    world.advance(60_000);
    expect(world.sockets.length).toBe(0);
    expect(writer.status).toBe("offline");
  });
});

describe("a token that is refused", () => {
  test("stops the provider, until it is given another", () => {
    server.admits = (tokens) => tokens.includes("good");
    const writer = new Writer(world, { token: "bad" });
    writer.provider.connect();
    world.advance(600_000);
    expect(writer.provider.state).toMatchObject({ status: "refused", code: 4401 });
    expect(world.sockets.length).toBe(1);
    writer.provider.authorize({ token: "good" });
    world.advance(20);
    expect(writer.status).toBe("synced");
  });

  test("a link whose password was given opens with what it became, and the session is shown along", () => {
    server.admits = (tokens) => tokens.includes("cwl_a.0f");
    const writer = new Writer(world, { token: "cws_a", link: "cwl_a" });
    writer.provider.connect();
    world.advance(20);
    expect(writer.status).toBe("refused");
    writer.provider.authorize({ link: "cwl_a.0f" });
    world.advance(20);
    expect(writer.status).toBe("synced");
    expect(world.socket.protocols).toContain("cowrite.token.cws_a");
  });

  test("another is asked for once", async () => {
    let asked = 0;
    server.admits = () => false;
    const writer = new Writer(world, { token: () => `t${++asked}` });
    writer.provider.connect();
    for (let n = 0; n < 20; n++) {
      await settle();
      world.advance(10_000);
    }
    expect(writer.status).toBe("refused");
    expect(asked).toBe(2);
    expect(world.sockets.length).toBe(2);
  });

  test("one that ended while the computer slept is replaced without a word", async () => {
    let given = "old";
    const writer = new Writer(world, { token: () => given });
    writer.provider.connect();
    await settle();
    world.advance(20);
    server.close(4401, "It ended.");
    given = "new";
    world.advance(2_000);
    await settle();
    world.advance(20);
    expect(writer.status).toBe("synced");
    expect(writer.states.map(({ status }) => status)).not.toContain("refused");
  });

  test("the same one is not shown again", async () => {
    server.admits = () => false;
    const writer = new Writer(world, { token: () => "same" });
    writer.provider.connect();
    for (let n = 0; n < 5; n++) {
      await settle();
      world.advance(10_000);
    }
    expect(writer.provider.state).toMatchObject({ status: "refused", code: 4401 });
    expect(world.sockets.length).toBe(1);
  });
});

test("a new token on an open connection is told at once", () => {
  const writer = new Writer(world);
  writer.provider.connect();
  world.advance(20);
  writer.provider.authorize({ link: "cwl_a" });
  expect(world.socket.sentOf("token")).toEqual([{ type: "token", token: "cwl_a" }]);
  expect(writer.status).toBe("synced");
});
