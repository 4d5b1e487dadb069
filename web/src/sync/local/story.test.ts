/**
 * Whatever tabs, the device, the network and the server did: what was called kept is there when the document is opened again, what was
 * kept or saved is with the server in the end, and nothing is there twice. Random stories; a failure names its seed, and STORIES=n tells
 * more of them.
 */
import { expect, test } from "vitest";
import { FakeDevice, settle } from "../testing/device";
import { generator } from "../testing/random";
import { Server } from "../testing/server";
import { Tab } from "../testing/tab";
import { World } from "../testing/world";
import { Writer } from "../testing/writer";
import { BATCH_MS } from "./copy";

const STEPS = 120;
const STORIES = Number(process.env.STORIES ?? 25);

/** A word that somebody wrote. It was written once, so it may stand there once. */
interface Word {
  /** Whether a tab that showed it called all it had kept, and whether whoever wrote it was told that it is kept or saved. */
  kept: boolean;
  saved: boolean;
  /** Whether somebody erased it, whether the copy was said to have that, and whether anybody was. */
  erased: boolean;
  goneHere: boolean;
  gone: boolean;
}

test.each(Array.from({ length: STORIES }, (_, seed) => seed))("story %i", async (seed) => {
  const random = generator(seed + 1_000);
  const below = (n: number) => Math.floor(random() * n);
  const world = new World();
  const server = new Server(world);
  const device = new FakeDevice();
  const words = new Map<string, Word>();
  /** What each tab wrote and erased since it last was in order. */
  const open = new Map<Tab, { wrote: Set<string>; erased: Set<string> }>();

  /** Somebody on another device, who keeps nothing. */
  const elsewhere = new Writer(world);
  elsewhere.provider.connect();

  const pick = (): Tab | undefined => [...open.keys()][below(open.size)];
  const wordOf = (name: string): Word => {
    const word = words.get(name);
    if (!word) throw new Error(`nobody wrote ${name}`);
    return word;
  };

  async function openTab(): Promise<void> {
    const tab = new Tab(world, device, { maxPieces: random() < 0.5 ? 1 + below(5) : 1_000 });
    open.set(tab, { wrote: new Set(), erased: new Set() });
    // Sometimes somebody types before the copy is there.
    if (random() < 0.3) write(tab);
    await settle();
    const shown = new Set(wordsOf(tab.text));
    for (const [name, { kept, erased, goneHere }] of words) {
      if (kept && !erased) expect(shown.has(name), `${name} is in the copy`).toBe(true);
      if (goneHere) expect(shown.has(name), `${name} is erased from the copy`).toBe(false);
    }
  }

  function write(tab: Writer): void {
    const name = `<${words.size}>`;
    const text = tab.doc.getText("content");
    const before = wordsOf(tab.text).slice(0, below(8));
    text.insert(before.join("").length, name);
    words.set(name, { kept: false, saved: false, erased: false, goneHere: false, gone: false });
    if (tab instanceof Tab) open.get(tab)?.wrote.add(name);
  }

  function erase(tab: Tab): void {
    const there = wordsOf(tab.text);
    const name = there[below(there.length)];
    if (name === undefined) return;
    tab.doc.getText("content").delete(tab.text.indexOf(name), name.length);
    wordOf(name).erased = true;
    open.get(tab)?.erased.add(name);
  }

  /** Writes down what was promised: from here on it is held to it. */
  function note(): void {
    for (const [tab, { wrote, erased }] of open) {
      const kept = tab.copy.state === "kept";
      const saved = tab.provider.saveState.status === "saved";
      if (!kept && !saved) continue;
      for (const name of wrote) wordOf(name).saved = true;
      if (kept) for (const name of wordsOf(tab.text)) wordOf(name).kept = true;
      for (const name of erased) {
        wordOf(name).gone = true;
        wordOf(name).goneHere ||= kept;
      }
      // What only the server has is not kept until the copy says so.
      if (!kept) continue;
      wrote.clear();
      erased.clear();
    }
  }

  const events: (() => unknown)[] = [
    () => server.cut(),
    () => server.crash(),
    () => {
      server.reachable = !server.reachable;
      if (!server.reachable) server.cut();
    },
    () => {
      server.saves = !server.saves;
      if (server.saves) server.save();
    },
    () => {
      device.full = random() < 0.5;
    },
    () => world.advance(below(20_000)),
    () => world.signal("online"),
    () => pick()?.provider.disconnect(),
    () => pick()?.provider.connect(),
    () => {
      if (open.size < 3) return openTab();
    },
    () => {
      const tab = pick();
      tab?.close();
      if (tab) open.delete(tab);
    },
    () => {
      const tab = pick();
      tab?.crash();
      if (tab) open.delete(tab);
    },
  ];

  await openTab();
  for (let step = 0; step < STEPS; step++) {
    world.luck = random();
    const tab = pick();
    if (!tab) await openTab();
    else {
      const luck = below(16);
      if (luck < 4) await events[below(events.length)]?.();
      else if (luck < 7) erase(tab);
      else if (luck < 9) write(elsewhere);
      else write(tab);
    }
    world.advance(below(2 * BATCH_MS));
    // Storage is sometimes slower than what happens next.
    if (random() < 0.6) await settle();
    note();
  }

  server.reachable = true;
  server.save();
  device.full = false;
  for (const tab of open.keys()) tab.close();
  await settle();
  open.clear();
  elsewhere.provider.connect();
  const last = new Tab(world, device);
  await settle();
  world.advance(120_000);
  await settle();
  world.advance(1_000);
  await settle();

  elsewhere.provider.destroy();
  expect(last.errors).toEqual([]);
  expect(last.status).toBe("synced");
  expect(last.saving).toEqual([0, "saved"]);
  expect(last.copy.state).toBe("kept");
  expect(last.text).toBe(server.text);
  const end = wordsOf(server.text);
  expect(new Set(end).size, "no word is there twice").toBe(end.length);
  expect(end.join("")).toBe(server.text);
  for (const [name, { kept, saved, erased, gone }] of words) {
    if ((kept || saved) && !erased) expect(end, `${name} was promised`).toContain(name);
    if (gone) expect(end, `${name} was erased`).not.toContain(name);
  }
  const rows = await last.store.list("open");
  expect(rows.map(({ waiting }) => waiting)).toEqual([{}]);
  last.close();
  await settle();

  server.reachable = false;
  const offline = new Tab(world, device);
  await settle();
  expect(offline.text, "the copy is the document").toBe(server.text);
  offline.close();
  server.destroy();
});

function wordsOf(text: string): string[] {
  return text.match(/<\d+>/g) ?? [];
}
