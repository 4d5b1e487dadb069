/** What is kept on a device is there when it is needed, is nobody else's, and never gets into what it does not belong to. */
import { beforeEach, expect, test } from "vitest";
import { FakeDevice, settle } from "../testing/device";
import { Server } from "../testing/server";
import { Tab } from "../testing/tab";
import { World } from "../testing/world";
import { Writer } from "../testing/writer";
import { BATCH_MS, type CopyOptions, RETRY_MS } from "./copy";
import { COMMIT_WITHIN_MS, OPEN_WITHIN_MS } from "./store";

let world: World;
let server: Server;
let device: FakeDevice;

beforeEach(() => {
  world = new World();
  server = new Server(world);
  device = new FakeDevice();
});

async function open(options: Partial<CopyOptions> = {}): Promise<Tab> {
  const tab = new Tab(world, device, options);
  await settle();
  world.advance(20);
  return tab;
}

/** Lets a batch be stored. */
async function stored(): Promise<void> {
  world.advance(BATCH_MS);
  await settle();
}

function leave(): void {
  server.reachable = false;
  server.cut();
}

async function comeBack(): Promise<void> {
  server.reachable = true;
  world.signal("online");
  world.advance(60_000);
  await settle();
}

test("a document that was opened is there without a server", async () => {
  server.doc.getText("content").insert(0, "from the server");
  const first = await open();
  await stored();
  expect(first.copy.state).toBe("kept");
  first.close();
  leave();
  const second = await open();
  expect(second.text).toBe("from the server");
  expect(second.saving).toEqual([0, "saved"]);
  expect(second.row).toMatchObject({ epoch: "e1", title: "A title", kind: "markdown", role: "editor" });
});

test("what is kept asks the server for what is missing only", async () => {
  server.doc.getText("content").insert(0, "x".repeat(10_000));
  const first = await open();
  await stored();
  first.close();
  let received = 0;
  const second = new Tab(world, device);
  second.provider.on("message", (message) => {
    if (message.type === "syncStep2") received = message.update.length;
  });
  await settle();
  world.advance(20);
  expect(second.status).toBe("synced");
  expect(received).toBeLessThan(100);
});

test("an edit made offline is unsaved, also after a reload, until the server has it", async () => {
  const first = await open();
  await stored();
  leave();
  first.type("offline");
  expect(first.copy.state).toBe("saving");
  await stored();
  expect(first.copy.state).toBe("kept");
  first.close();
  expect((await first.store.list("open")).map(({ waiting }) => Object.values(waiting))).toMatchObject([
    [{ changes: 1 }],
  ]);

  const second = await open();
  expect(second.text).toBe("offline");
  expect(second.saving).toEqual([1, "unsaved"]);
  server.saves = false;
  await comeBack();
  expect(second.saving).toEqual([1, "saving"]);
  server.save();
  world.advance(20);
  await stored();
  expect(second.saving).toEqual([0, "saved"]);
  expect(server.text).toBe("offline");
  expect((await second.store.list("open")).map(({ waiting }) => waiting)).toEqual([{}]);
});

test("what was typed before the copy was read is kept, and nothing is lost of either", async () => {
  const first = await open();
  leave();
  first.type("kept");
  await stored();
  first.close();
  const second = new Tab(world, device);
  second.type("early");
  await settle();
  await stored();
  second.close();
  const third = await open();
  expect(third.text).toContain("kept");
  expect(third.text).toContain("early");
  expect(third.saving).toEqual([2, "unsaved"]);
});

test("an empty copy puts nothing into a document", async () => {
  const first = await open();
  await stored();
  first.close();
  const second = await open();
  await stored();
  expect(second.row).not.toBeNull();
  expect(second.doc.store.clients.size).toBe(0);
  expect(server.doc.store.clients.size).toBe(0);
});

test("a copy of another incarnation is refused and not mixed, and stays until somebody clears it", async () => {
  const first = await open();
  leave();
  first.type("old and unsaved");
  await stored();
  first.close();
  server.doc.getText("content").insert(0, "new");
  server.epoch = "e2";
  server.reachable = true;
  const second = await open();
  world.advance(60_000);
  expect(second.provider.state).toMatchObject({ status: "refused", code: 4409 });
  expect(second.text).toBe("old and unsaved");
  expect(server.text).toBe("new");
  expect(await second.copy.clear()).toBe(true);
  second.close();
  const third = await open();
  expect(third.text).toBe("new");
  await stored();
  third.close();
  leave();
  expect((await open()).text).toBe("new");
});

test("another user, and another document, have other copies", async () => {
  const first = await open();
  leave();
  first.type("mine");
  await stored();
  const theirs = await open({ user: "somebody else" });
  expect(theirs.text).toBe("");
  expect((await open({ id: "other" })).text).toBe("");
  await theirs.store.removeAll("somebody else");
  expect((await open()).text).toBe("mine");
  expect(await theirs.store.list("open")).toHaveLength(1);
  await theirs.store.removeAll("open");
  expect(await theirs.store.list("open")).toEqual([]);
  expect((await open()).text).toBe("");
});

test("tabs see each other's edits without a server, store each once, and count each once", async () => {
  const [ann, bob] = [await open(), await open()];
  await stored();
  leave();
  ann.type("from ann. ");
  await stored();
  expect(bob.text).toBe("from ann. ");
  bob.type("from bob.");
  await stored();
  expect(ann.text).toBe("from ann. from bob.");
  const [row] = await ann.store.list("open");
  expect(Object.values(row?.waiting ?? {}).reduce((sum, { changes }) => sum + changes, 0)).toBe(2);
  const kept = await ann.store.read({ user: "open", id: "doc" });
  expect(kept?.pieces.flatMap(({ updates }) => updates)).toHaveLength(2);
});

test("an edit that builds on what only the other tab heard of is seen all the same", async () => {
  const [ann, bob] = [await open(), await open()];
  const elsewhere = new Writer(world);
  elsewhere.provider.connect();
  world.advance(20);
  bob.provider.disconnect();
  elsewhere.type("from elsewhere, ");
  world.advance(20);
  await stored();
  leave();
  ann.type("and from ann");
  await stored();
  expect(bob.text).toBe("from elsewhere, and from ann");
});

test("a tab delivers what another one wrote before it was closed", async () => {
  const [ann, bob] = [await open(), await open()];
  await stored();
  leave();
  ann.type("the last words");
  await stored();
  ann.close();
  await comeBack();
  expect(server.text).toBe("the last words");
  await stored();
  expect((await bob.store.list("open")).map(({ waiting }) => waiting)).toEqual([{}]);
});

test("clearing in one tab clears all, and no tab brings it back", async () => {
  const [ann, bob] = [await open(), await open()];
  leave();
  ann.type("secret");
  await stored();
  await ann.copy.clear();
  await settle();
  expect([ann.copy.state, bob.copy.state]).toEqual(["off", "off"]);
  bob.type("more");
  ann.type("and more");
  await stored();
  expect(await ann.store.list("open")).toEqual([]);
  expect((await open()).text).toBe("");
});

test("what is being stored at that moment goes too, and the other tabs hear of it", async () => {
  const [ann, bob] = [await open(), await open()];
  leave();
  ann.type("secret");
  await stored();
  ann.type("more");
  world.advance(BATCH_MS);
  expect(await ann.copy.clear()).toBe(true);
  await settle();
  expect([ann.copy.state, bob.copy.state]).toEqual(["off", "off"]);
  expect(await ann.store.list("open")).toEqual([]);
});

test("a tab that does not hear of the clearing finds its copy gone", async () => {
  const ann = await open();
  leave();
  ann.type("a");
  await stored();
  const other = await open({ id: "other" });
  await other.store.removeAll("open");
  ann.type("b");
  await stored();
  expect(ann.copy.state).toBe("failed");
  expect(await ann.store.list("open")).toHaveLength(0);
});

test("a full device costs no typing; once there is room everything is kept", async () => {
  const ann = await open();
  await stored();
  leave();
  device.full = true;
  ann.type("while it was full");
  await stored();
  expect(ann.copy.state).toBe("failed");
  ann.type(", and after");
  world.advance(RETRY_MS);
  await settle();
  expect(ann.copy.state).toBe("failed");
  device.full = false;
  world.advance(RETRY_MS);
  await settle();
  expect(ann.copy.state).toBe("kept");
  ann.close();
  const later = await open();
  expect(later.text).toBe("while it was full, and after");
  expect(later.saving).toEqual([2, "unsaved"]);
});

test("without storage, and with one that never answers, the document opens all the same", async () => {
  const none = new Tab(world, device, {});
  none.close();
  for (const indexedDB of [null, { open: () => ({}) } as unknown as IDBFactory]) {
    const tab = new Tab(world, { open: () => ({ indexedDB, openChannel: () => null }) } as never);
    await settle();
    world.advance(OPEN_WITHIN_MS);
    await settle();
    world.advance(20);
    expect(tab.copy.state).toBe("failed");
    expect(tab.status).toBe("synced");
    tab.type("typed all the same");
    world.advance(100);
    expect(tab.saving).toEqual([0, "saved"]);
    tab.close();
  }
  expect(COMMIT_WITHIN_MS).toBeGreaterThan(OPEN_WITHIN_MS);
});

test("many pieces become one, and nothing of it changes", async () => {
  const ann = await open();
  leave();
  for (let n = 0; n < 250; n++) {
    ann.type(`${n} `);
    await stored();
  }
  const { text } = ann;
  ann.close();
  const again = await open();
  world.advance(5_000);
  await settle();
  expect((await again.store.read({ user: "open", id: "doc" }))?.pieces).toHaveLength(1);
  again.close();
  const third = await open();
  expect(third.text).toBe(text);
  expect(third.saving).toEqual([250, "unsaved"]);
});

test("a copy that is read after the server was heard is sent to it", async () => {
  const first = await open();
  leave();
  first.type("kept offline");
  await stored();
  first.close();
  server.reachable = true;
  // Who the user is came to be known late.
  const late = await open({ user: "nobody" });
  world.advance(60_000);
  expect(late.status).toBe("synced");
  const { LocalCopy } = await import("./copy");
  const copy = new LocalCopy(late.provider, {
    store: late.store,
    user: "open",
    id: "doc",
    describe: () => ({ title: "", kind: "text" }),
    device: late.device,
    environment: world,
  });
  await copy.open();
  world.advance(20);
  expect(server.text).toBe("kept offline");
  expect(late.saving).toEqual([0, "saved"]);
  await stored();
  expect((await late.store.list("open")).map(({ waiting }) => waiting)).toEqual([{}]);
});

test("a reader's copy says that it is one", async () => {
  server.role = "viewer";
  const ann = await open();
  await stored();
  ann.close();
  leave();
  expect((await open()).row?.role).toBe("viewer");
});
