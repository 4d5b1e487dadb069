/** "Saved" is said of what the server called durable, and of nothing else. */
import { beforeEach, expect, test } from "vitest";
import * as Y from "yjs";
import { Provider } from "./provider";
import { Server } from "./testing/server";
import { World } from "./testing/world";
import { Writer } from "./testing/writer";

let world: World;
let server: Server;

beforeEach(() => {
  world = new World();
  server = new Server(world);
});

function connected(writer = new Writer(world)): Writer {
  writer.provider.connect();
  world.advance(20);
  expect(writer.status).toBe("synced");
  return writer;
}

test("a change is unsaved, then being saved, then saved", () => {
  const writer = new Writer(world);
  writer.type("a");
  expect(writer.saving).toEqual([1, "unsaved"]);
  server.saves = false;
  connected(writer);
  expect(server.text).toBe("a");
  expect(writer.saving).toEqual([1, "saving"]);
  server.save();
  world.advance(5);
  expect(writer.saving).toEqual([0, "saved"]);
});

test("what the document held before is not known to be saved, unless somebody knows", () => {
  const doc = new Y.Doc();
  doc.getText("content").insert(0, "from elsewhere");
  const options = { url: "ws://host/ws/doc", environment: world };
  expect(new Provider(doc, options).saveState).toMatchObject({ unsaved: 1, status: "unsaved" });
  expect(new Provider(doc, { ...options, unsavedAtStart: 0 }).saveState).toMatchObject({ status: "saved" });
  const provider = new Provider(doc, { ...options, unsavedAtStart: 7 });
  provider.connect();
  world.advance(20);
  expect(provider.saveState).toMatchObject({ unsaved: 0, status: "saved" });
});

test("listeners hear of every step, once", () => {
  const writer = connected();
  const heard: string[] = [];
  writer.provider.on("save", ({ unsaved, status }) => heard.push(`${unsaved} ${status}`));
  writer.type("a");
  world.advance(20);
  expect(heard).toEqual(["1 saving", "0 saved"]);
});

test("what others write is not ours to be saved", () => {
  const [writer, other] = [connected(), connected()];
  server.saves = false;
  other.type("theirs");
  world.advance(20);
  expect(writer.text).toBe("theirs");
  expect(writer.saving).toEqual([0, "saved"]);
});

test("sent but not acknowledged when the line breaks: unsaved, until the next connection's word", () => {
  const writer = connected();
  server.saves = false;
  writer.type("a");
  world.advance(20);
  server.cut();
  expect(writer.saving).toEqual([1, "unsaved"]);
  writer.type("b");
  world.advance(2_000);
  expect(writer.status).toBe("synced");
  expect(writer.saving).toEqual([2, "saving"]);
  writer.type("c");
  world.advance(5);
  // The second connection's first message is the sync step 2 that holds "a" and "b".
  world.socket.deliver({ type: "saved", upTo: 0 });
  expect(writer.saving).toEqual([1, "saving"]);
  server.save();
  world.advance(5);
  expect(writer.saving).toEqual([0, "saved"]);
  expect(server.text).toBe("abc");
});

test("a change made before the server asked goes with sync step 2, not ahead of it", () => {
  const writer = new Writer(world);
  writer.type("a");
  world.onSocket = () => {};
  writer.provider.connect();
  world.socket.accept();
  writer.type("b");
  expect(world.socket.sentOf("update")).toEqual([]);
  const hello = {
    epoch: "e",
    role: "editor",
    session: "s",
    kind: "text",
    title: "",
    limits: { message_bytes: 1e6 },
  };
  world.socket.deliver({ type: "hello", hello: { ...hello, role: "editor" } });
  world.socket.deliver({ type: "syncStep1", stateVector: Y.encodeStateVector(new Y.Doc()) });
  writer.type("c");
  const sent = world.socket.sent.filter(({ type }) => type === "syncStep2" || type === "update");
  expect(sent.map(({ type }) => type)).toEqual(["syncStep2", "update"]);
  world.socket.deliver({ type: "saved", upTo: 0 });
  expect(writer.saving).toEqual([1, "saving"]);
});

test("storage trouble is told, and ends", () => {
  const writer = connected();
  server.saves = false;
  server.broadcast({ type: "storage", problem: "The disk is full." });
  writer.type("a");
  world.advance(5);
  expect(writer.provider.saveState).toMatchObject({
    unsaved: 1,
    storageProblem: "The disk is full.",
    status: "unsaved",
  });
  server.broadcast({ type: "storage", problem: null });
  world.advance(5);
  expect(writer.saving).toEqual([1, "saving"]);
});

test("a stock server gets every change and is believed nothing", () => {
  server.stock = true;
  const writer = connected();
  writer.type("a");
  world.advance(20);
  expect(server.text).toBe("a");
  expect(writer.provider.saveState).toMatchObject({ unsaved: 1, status: "unsaved", acknowledges: false });
});

test("a change too large is explained once, stays here, and takes nothing else with it", () => {
  server.messageBytes = 1_000;
  const writer = connected();
  writer.type("small");
  world.advance(20);
  writer.type("x".repeat(2_000));
  writer.type("after");
  world.advance(20);
  expect(writer.errors.map(({ kind }) => kind)).toEqual(["tooLarge"]);
  expect(writer.saving).toEqual([2, "unsaved"]);
  expect(writer.provider.saveState.storageProblem).toContain("too large");
  expect(server.text).toBe("small");
  expect(writer.status).toBe("synced");
  const other = connected();
  other.type("!");
  world.advance(20);
  expect(writer.text).toContain("!");
  // Where the limit is higher, the next connection carries everything.
  server.messageBytes = 10_000;
  server.cut();
  world.advance(5_000);
  expect(writer.saving).toEqual([0, "saved"]);
  expect(server.text).toBe(writer.text);
});

test("a reader's changes are not sent, and not called saved", () => {
  server.role = "viewer";
  const writer = connected();
  writer.type("a");
  world.advance(20);
  expect(world.socket.sentOf("update")).toEqual([]);
  expect(world.socket.sentOf("syncStep2")).toEqual([]);
  expect(writer.saving).toEqual([1, "unsaved"]);
});

test("a reader who becomes a writer gives what it has", () => {
  server.role = "viewer";
  const writer = connected();
  const roles: string[] = [];
  writer.provider.on("role", (role) => roles.push(role));
  writer.type("a");
  server.role = "editor";
  server.broadcast({ type: "role", role: "editor" });
  world.advance(50);
  expect(writer.status).toBe("synced");
  expect(server.text).toBe("a");
  expect(writer.saving).toEqual([0, "saved"]);
  expect(roles).toEqual(["editor"]);
});
