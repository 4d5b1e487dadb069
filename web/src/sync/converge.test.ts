/**
 * Whatever the network and the server did: everybody ends with the same text, and nothing that was called saved was
 * ever missing from the disk. Random stories; a failure names its seed.
 */
import { expect, test } from "vitest";
import { generator } from "./testing/random";
import { Server } from "./testing/server";
import { World } from "./testing/world";
import { Writer } from "./testing/writer";

const STEPS = 200;

test.each(Array.from({ length: 20 }, (_, seed) => seed))("story %i", (seed) => {
  const random = generator(seed);
  const below = (n: number) => Math.floor(random() * n);
  const world = new World();
  const server = new Server(world);
  const writers = [0, 1, 2].map((name) => new Scribe(world, String.fromCharCode(65 + name)));
  for (const { provider } of writers) provider.connect();

  const events: (() => void)[] = [
    () => server.cut(),
    () => server.crash(),
    () => server.close(4408),
    () => writers[below(3)]?.provider.disconnect(),
    () => writers[below(3)]?.provider.connect(),
    () => {
      server.reachable = !server.reachable;
    },
    () => {
      server.saves = false;
    },
    () => server.save(),
    () => world.signal("offline"),
    () => world.signal("visible"),
    () => world.turnClock(below(60_000) - 10_000),
    () => world.advance(below(40_000)),
  ];

  for (let step = 0; step < STEPS; step++) {
    world.luck = random();
    if (random() < 0.15) events[below(events.length)]?.();
    else if (random() < 0.3) writers[below(3)]?.erase(random());
    else writers[below(3)]?.write(random());
    world.advance(below(3));
    for (const writer of writers) writer.checkSaved(server);
  }

  server.reachable = true;
  server.save();
  for (const { provider } of writers) provider.connect();
  world.advance(300_000);
  for (const writer of writers) {
    expect(writer.status).toBe("synced");
    expect(writer.errors).toEqual([]);
    expect(writer.text).toBe(server.text);
    expect(writer.saving).toEqual([0, "saved"]);
    writer.checkSaved(server);
    writer.provider.destroy();
  }
  expect(server.durable.getText("content").toString()).toBe(server.text);
  server.destroy();
});

/** Leaves a numbered mark for each change in a map of its own, to be looked for on the disk. */
class Scribe extends Writer {
  #changes = 0;

  constructor(
    world: World,
    readonly name: string,
  ) {
    super(world);
  }

  write(where: number): void {
    this.#change(where, (text, at) => text.insert(at, this.name));
  }

  erase(where: number): void {
    this.#change(where, (text, at) => text.delete(at, Math.min(3, text.length - at)));
  }

  #change(where: number, change: (text: ReturnType<Scribe["doc"]["getText"]>, at: number) => void): void {
    const text = this.doc.getText("content");
    this.doc.transact(() => {
      change(text, Math.floor(where * text.length));
      this.doc.getMap("marks").set(`${this.name}${++this.#changes}`, true);
    });
  }

  checkSaved(server: Server): void {
    const marks = server.durable.getMap("marks");
    const saved = this.#changes - this.provider.saveState.unsaved;
    for (let n = saved; n > 0 && n > saved - 20; n--) {
      expect(marks.has(`${this.name}${n}`), `${this.name}${n} on the disk`).toBe(true);
    }
  }
}
