/** A device for tests: one storage, and tabs that share it. A tab can crash, and the storage can be full. */
import { IDBFactory } from "fake-indexeddb";
import type { ChannelLike, Device } from "../local/device";

export class FakeDevice {
  /** While it is full, nothing that was to be stored is. */
  full = false;
  readonly #factory = new IDBFactory();
  readonly #tabs = new Set<FakeTab>();

  open(): FakeTab {
    const tab = new FakeTab(this.#factory, this);
    this.#tabs.add(tab);
    return tab;
  }

  /** Passes a tab's message on to the others. */
  tell(from: FakeTab, name: string, message: unknown): void {
    for (const tab of this.#tabs) if (tab !== from) tab.hear(name, structuredClone(message));
  }

  forget(tab: FakeTab): void {
    this.#tabs.delete(tab);
  }
}

export class FakeTab implements Device {
  readonly indexedDB: IDBFactory;
  readonly #device: FakeDevice;
  readonly #channels = new Map<string, ChannelLike>();
  readonly #open = new Set<IDBTransaction>();
  #crashed = false;

  constructor(factory: IDBFactory, device: FakeDevice) {
    this.#device = device;
    this.indexedDB = new Proxy(factory, {
      get: (target, name) => {
        if (name !== "open") return Reflect.get(target, name);
        return (...args: Parameters<IDBFactory["open"]>) => {
          const request = target.open(...args);
          request.addEventListener("success", () => this.#watch(request.result));
          return request;
        };
      },
    });
  }

  openChannel(name: string): ChannelLike {
    const channel: ChannelLike = {
      onmessage: null,
      postMessage: (message) => {
        if (this.#channels.get(name) !== channel) throw new DOMException("It is closed", "InvalidStateError");
        if (!this.#crashed) this.#device.tell(this, name, message);
      },
      close: () => this.#channels.delete(name),
    };
    this.#channels.set(name, channel);
    return channel;
  }

  hear(name: string, message: unknown): void {
    if (!this.#crashed) this.#channels.get(name)?.onmessage?.({ data: message });
  }

  /** The tab is gone in the middle of what it did: what is not committed never will be. */
  crash(): void {
    this.#crashed = true;
    this.#device.forget(this);
    for (const transaction of this.#open) {
      try {
        transaction.abort();
      } catch {
        // It was over.
      }
    }
  }

  #watch(database: IDBDatabase): void {
    const begin = database.transaction.bind(database);
    database.transaction = (stores, mode, options) => {
      if (this.#crashed) throw new Error("This tab has crashed");
      const transaction = begin(stores, mode, options);
      this.#open.add(transaction);
      for (const end of ["complete", "abort"]) {
        transaction.addEventListener(end, () => this.#open.delete(transaction));
      }
      if (mode === "readwrite" && this.#device.full) {
        const add = transaction.objectStore.bind(transaction);
        transaction.objectStore = (name) => {
          const store = add(name);
          store.add = store.put = () => {
            throw new DOMException("The device is full", "QuotaExceededError");
          };
          return store;
        };
      }
      return transaction;
    };
  }
}

/** Lets everything happen that storage does by itself, which takes no time of a `World`. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 40; n++) await new Promise((done) => setImmediate(done));
}
