/** The tabs of one document see each other without a server, and with one they are told of each other by it alone. */
import { beforeEach, expect, test } from "vitest";
import { FakeDevice, settle } from "../testing/device";
import { Server } from "../testing/server";
import { Tab } from "../testing/tab";
import { World } from "../testing/world";
import { Writer } from "../testing/writer";
import type { CopyOptions } from "./copy";
import { APART_AFTER_MS } from "./neighbours";

let world: World;
let server: Server;
let device: FakeDevice;
let ann: Tab;
let bob: Tab;

beforeEach(async () => {
  world = new World();
  server = new Server(world);
  device = new FakeDevice();
  ann = await open("ann");
  bob = await open("bob");
});

async function open(name: string, options: Partial<CopyOptions> = {}): Promise<Tab> {
  const tab = new Tab(world, device, options);
  tab.provider.awareness.setLocalState({ user: { name } });
  await settle();
  world.advance(200);
  return tab;
}

function leave(): void {
  server.reachable = false;
  server.cut();
  world.advance(APART_AFTER_MS + 100);
}

function comeBack(): void {
  server.reachable = true;
  world.signal("online");
  world.advance(60_000);
}

/** The names that somebody sees, their own included. */
function seenBy(writer: Writer): string[] {
  return [...writer.provider.awareness.getStates().values()].map((state) => state.user.name).sort();
}

/** What somebody sees of somebody else's caret. */
function caretOf(whose: Writer, by: Writer): unknown {
  return by.provider.awareness.getStates().get(whose.doc.clientID)?.cursor;
}

/** What a tab told the others from now on. */
function overhear(): unknown[] {
  const told: unknown[] = [];
  const third = device.open();
  const channel = third.openChannel(`${ann.store.name} ${JSON.stringify(["open", "doc"])} presence`);
  channel.onmessage = ({ data }) => told.push(data);
  return told;
}

test("without a server each sees the others, and where they are", () => {
  leave();
  expect(seenBy(ann)).toEqual(["ann", "bob"]);
  expect(seenBy(bob)).toEqual(["ann", "bob"]);
  expect(ann.neighbours.has(bob.doc.clientID)).toBe(true);
  bob.provider.awareness.setLocalStateField("cursor", 5);
  world.advance(100);
  expect(caretOf(bob, ann)).toBe(5);
});

test("attempts that fail change nothing of it", () => {
  leave();
  const gone: number[] = [];
  ann.provider.awareness.on("change", ({ removed }: { removed: number[] }) => gone.push(...removed));
  world.advance(120_000);
  expect(gone).toEqual([]);
  expect(seenBy(ann)).toEqual(["ann", "bob"]);
});

test("a tab that is opened without a server sees them, and is seen", async () => {
  leave();
  const cem = await open("cem");
  world.advance(APART_AFTER_MS);
  for (const tab of [ann, bob, cem]) expect(seenBy(tab)).toEqual(["ann", "bob", "cem"]);
});

test("a tab that is closed goes from the others, and does not come back", () => {
  leave();
  bob.close();
  expect(seenBy(ann)).toEqual(["ann"]);
  comeBack();
  expect(seenBy(ann)).toEqual(["ann"]);
  leave();
  expect(seenBy(ann)).toEqual(["ann"]);
});

test("a page that was left and comes back is seen again", () => {
  leave();
  bob.neighbours.leave();
  expect(seenBy(ann)).toEqual(["ann"]);
  world.signal("visible");
  world.advance(100);
  expect(seenBy(ann)).toEqual(["ann", "bob"]);
  expect(seenBy(bob)).toEqual(["ann", "bob"]);
});

test("with the server each is there once, as the server tells, and the tabs are silent", () => {
  leave();
  bob.provider.awareness.setLocalStateField("cursor", "old");
  world.advance(100);
  comeBack();
  expect(seenBy(ann)).toEqual(["ann", "bob"]);
  expect(ann.neighbours.has(bob.doc.clientID)).toBe(false);
  const told = overhear();
  bob.provider.awareness.setLocalStateField("cursor", "new");
  world.advance(100);
  expect(caretOf(bob, ann)).toBe("new");
  expect(told).toEqual([]);
});

test("what the server says of somebody counts, and not what their tab said", () => {
  ann.provider.disconnect();
  world.advance(APART_AFTER_MS + 100);
  // Ann hears of Bob from Bob, who is with the server, which then tells her more than he does.
  expect(seenBy(ann)).toEqual(["ann", "bob"]);
  const state = { user: { name: "bob", identity: "account" } };
  server.awareness.states.set(bob.doc.clientID, state);
  ann.provider.connect();
  world.advance(100);
  expect(ann.provider.awareness.getStates().get(bob.doc.clientID)).toEqual(state);
});

test("one tab alone that lost the server is seen by the other, and by nobody at the server", () => {
  const elsewhere = new Writer(world);
  elsewhere.provider.awareness.setLocalState({ user: { name: "elsewhere" } });
  elsewhere.provider.connect();
  world.advance(100);
  bob.provider.disconnect();
  world.advance(APART_AFTER_MS + 100);
  expect(seenBy(ann)).toEqual(["ann", "bob", "elsewhere"]);
  expect(seenBy(bob)).toEqual(["ann", "bob"]);
  expect(seenBy(elsewhere)).toEqual(["ann", "elsewhere"]);
  ann.provider.awareness.setLocalStateField("cursor", 7);
  world.advance(100);
  expect(caretOf(ann, bob)).toBe(7);
  bob.provider.connect();
  world.advance(100);
  for (const writer of [ann, bob, elsewhere]) expect(seenBy(writer)).toEqual(["ann", "bob", "elsewhere"]);
});

test("a break of a moment is nothing to talk about", () => {
  const told = overhear() as { apart: boolean }[];
  server.cut();
  world.advance(APART_AFTER_MS - 100);
  server.reachable = true;
  comeBack();
  expect(told.filter(({ apart }) => apart)).toEqual([]);
  expect(seenBy(ann)).toEqual(["ann", "bob"]);
});

test("a storm of carets is told as 20 states a second, the last one included", () => {
  leave();
  const told = overhear();
  for (let n = 0; n < 1_000; n++) {
    bob.provider.awareness.setLocalStateField("cursor", n);
    world.advance(1);
  }
  world.advance(100);
  expect(told.length).toBeGreaterThan(15);
  expect(told.length).toBeLessThanOrEqual(21);
  expect(caretOf(bob, ann)).toBe(999);
});

test("whoever may not have the document any more is not among its tabs", () => {
  for (const { provider } of [ann, bob]) provider.disconnect();
  world.advance(APART_AFTER_MS + 100);
  server.epoch = "another";
  bob.provider.connect();
  world.advance(100);
  expect(bob.status).toBe("refused");
  bob.provider.awareness.setLocalStateField("cursor", 1);
  world.advance(10_000);
  expect(seenBy(bob)).toEqual(["bob"]);
  expect(bob.neighbours.has(ann.doc.clientID)).toBe(false);
  expect(seenBy(ann)).toEqual(["ann"]);
});

test("other documents' tabs, and other people's, are elsewhere", async () => {
  const other = await open("other", { id: "other" });
  const theirs = await open("theirs", { user: "somebody else" });
  leave();
  expect(seenBy(ann)).toEqual(["ann", "bob"]);
  expect(seenBy(other)).toEqual(["other"]);
  expect(seenBy(theirs)).toEqual(["theirs"]);
});
