/** Somebody's tab with one document: a writer whose document is kept on a device. */
import { IDBKeyRange } from "fake-indexeddb";
import { type CopyOptions, LocalCopy } from "../local/copy";
import { Neighbours } from "../local/neighbours";
import { type Row, Store } from "../local/store";
import type { FakeDevice, FakeTab } from "./device";
import type { World } from "./world";
import { Writer } from "./writer";

globalThis.IDBKeyRange ??= IDBKeyRange;

export class Tab extends Writer {
  readonly device: FakeTab;
  readonly store: Store;
  readonly copy: LocalCopy;
  readonly neighbours: Neighbours;
  /** What was there when it was opened; undefined until it was. */
  row: Row | null | undefined;
  readonly opened: Promise<void>;

  /** Opens the copy, and connects once it is there. */
  constructor(world: World, device: FakeDevice, options: Partial<CopyOptions> = {}) {
    super(world);
    this.device = device.open();
    this.store = new Store(this.device, "/", world);
    const mine: CopyOptions = {
      store: this.store,
      user: "open",
      id: "doc",
      describe: () => ({ title: "A title", kind: "markdown" }),
      device: this.device,
      environment: world,
      ...options,
    };
    this.copy = new LocalCopy(this.provider, mine);
    this.neighbours = new Neighbours(this.provider, mine);
    this.opened = this.copy.open().then((row) => {
      this.row = row;
      this.provider.connect();
    });
  }

  /** As closing does it in good order. */
  close(): void {
    this.copy.close();
    this.neighbours.close();
    this.provider.destroy();
  }

  crash(): void {
    this.device.crash();
    this.copy.close();
    this.neighbours.close();
    this.provider.destroy();
  }
}
