/**
 * The copies on this device, in IndexedDB: for each user and document one row, which says what the copy is, and pieces, which are what
 * happened to it. Everything done to them is one transaction each, so tabs need no lock between them: what one of them sees is whole.
 */
import type { Environment } from "../environment";
import type { Role } from "../protocol";
import { COPY_GONE } from "./copy-gone";
import type { Device } from "./device";

/** A browser that has not opened the database by then keeps nothing for this page: nobody waits longer for their document. */
export const OPEN_WITHIN_MS = 2_000;

/** A transaction that takes longer counts as failed. What it was to store is stored again, which does no harm. */
export const COMMIT_WITHIN_MS = 10_000;

/** Documents that one user may have here. Beyond, those opened longest ago make room, unless they hold something unsaved. */
const MAX_COPIES = 200;

const VERSION = 1;
const [ROWS, PIECES] = ["documents", "pieces"];

/** Whose copy, and of which document. */
export interface CopyKey {
  /** Who the server took its reader for, as one word of the application's. */
  user: string;
  id: string;
}

export interface Row extends CopyKey {
  /** Random, made with the row. A tab that was opened on an earlier copy finds another token, and leaves this one alone. */
  token: string;
  /** The incarnation of the document; null until a server has told. */
  epoch: string | null;
  title: string;
  kind: string;
  role: Role | null;
  /** Milliseconds since 1970. */
  opened: number;
  /** What each page that wrote here still waits for. A page with nothing to wait for is not listed. */
  waiting: Record<string, Waiting>;
}

/** Changes that no server is known to have. */
export interface Waiting {
  changes: number;
  /** The last piece that holds some of them. */
  piece: number;
}

export interface Piece {
  key: number;
  updates: Uint8Array[];
}

/** What one batch adds to a copy. */
export interface Batch {
  /** The copy that is meant; null when this page has seen none yet. */
  token: string | null;
  epoch: string | null;
  /** Goes behind what is there. */
  updates: Uint8Array[];
  /** The page that writes, and how many of its changes are unsaved with this batch. */
  session: string;
  changes: number;
  /** For pages that wrote here, the last of their pieces that is now known to be saved. */
  settled: ReadonlyMap<string, number>;
  about: Pick<Row, "title" | "kind" | "role" | "opened">;
  /** Whether to wait until it survives a power cut. */
  strict: boolean;
}

/** The copy is not there any more, or is another: it was cleared, or belongs to another incarnation of the document. */
class CopyGone extends Error {
  override name = COPY_GONE;
}

/** The page's own timers. */
const TIMERS: Pick<Environment, "after"> = {
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};

export class Store {
  readonly #device: Device;
  readonly #timers: Pick<Environment, "after">;
  /** Of the database, and what all that belongs to it begins with. */
  readonly name: string;
  #database: Promise<IDBDatabase> | null = null;

  /** @param folder where the server is on this site: servers side by side share nothing */
  constructor(device: Device, folder: string, timers = TIMERS) {
    this.#device = device;
    this.#timers = timers;
    this.name = `cowrite ${folder}`;
  }

  async read({ user, id }: CopyKey): Promise<{ row: Row; pieces: Piece[] } | null> {
    return await this.#run("readonly", async (rows, pieces) => {
      const row = await answer<Row | undefined>(rows.get([user, id]));
      if (!row) return null;
      const index = pieces.index("token");
      const [keys, values] = await Promise.all([
        answer<IDBValidKey[]>(index.getAllKeys(row.token)),
        answer<{ updates: Uint8Array[] }[]>(index.getAll(row.token)),
      ]);
      return {
        row,
        pieces: values.map(({ updates }, n) => ({ key: keys[n] as number, updates })),
      };
    });
  }

  /** Adds to a copy, and begins one where there is none. Returns its token, and the new piece if there is one. */
  async append({ user, id }: CopyKey, batch: Batch): Promise<{ token: string; piece: number | null }> {
    const { token, epoch, updates, session, changes, settled, about, strict } = batch;
    return await this.#run(
      "readwrite",
      async (rows, pieces) => {
        const found = await answer<Row | undefined>(rows.get([user, id]));
        if (token !== null && found?.token !== token) throw new CopyGone();
        if (found && found.epoch !== null && epoch !== null && found.epoch !== epoch) throw new CopyGone();
        const row = found ?? { user, id, token: newToken(), epoch, ...about, waiting: {} };
        const piece =
          updates.length === 0 ? null : ((await answer(pieces.add({ token: row.token, updates }))) as number);
        const before = row.waiting[session]?.piece ?? 0;
        delete row.waiting[session];
        if (changes > 0) row.waiting[session] = { changes, piece: piece ?? before };
        for (const [page, upTo] of settled) {
          if (page !== session && (row.waiting[page]?.piece ?? Number.POSITIVE_INFINITY) <= upTo) {
            delete row.waiting[page];
          }
        }
        rows.put({ ...row, ...about, epoch: row.epoch ?? epoch });
        return { token: row.token, piece };
      },
      strict,
    );
  }

  /** Puts one piece in the place of some that are in it. Returns its key; null if another tab was first, or cleared the copy. */
  async replace(token: string, replaced: readonly number[], update: Uint8Array): Promise<number | null> {
    return await this.#run("readwrite", async (_rows, pieces) => {
      const last = replaced.at(-1);
      if (last === undefined || (await answer(pieces.getKey(last))) === undefined) return null;
      for (const key of replaced) pieces.delete(key);
      return (await answer(pieces.add({ token, updates: [update] }))) as number;
    });
  }

  /** @param token removes only that copy; null: whatever is there */
  async remove({ user, id }: CopyKey, token: string | null): Promise<void> {
    await this.#run("readwrite", async (rows, pieces) => {
      const row = await answer<Row | undefined>(rows.get([user, id]));
      if (!row || (token !== null && row.token !== token)) return;
      await drop(row, rows, pieces);
    });
  }

  async list(user: string): Promise<Row[]> {
    return await this.#run("readonly", (rows) => answer<Row[]>(rows.getAll(all(user))));
  }

  async removeAll(user: string): Promise<void> {
    await this.#run("readwrite", async (rows, pieces) => {
      for (const row of await answer<Row[]>(rows.getAll(all(user)))) await drop(row, rows, pieces);
    });
  }

  /** Makes room: see `MAX_COPIES`. */
  async prune(user: string): Promise<void> {
    await this.#run("readwrite", async (rows, pieces) => {
      if ((await answer(rows.count(all(user)))) <= MAX_COPIES) return;
      const found = await answer<Row[]>(rows.getAll(all(user)));
      const idle = found.filter(({ waiting }) => Object.keys(waiting).length === 0);
      idle.sort((a, b) => a.opened - b.opened);
      for (const row of idle.slice(0, found.length - MAX_COPIES)) await drop(row, rows, pieces);
    });
  }

  async #run<T>(
    mode: IDBTransactionMode,
    body: (rows: IDBObjectStore, pieces: IDBObjectStore) => Promise<T>,
    strict = false,
  ): Promise<T> {
    const database = await this.#open();
    const done = new Promise<T>((resolve, reject) => {
      const options: IDBTransactionOptions = { durability: strict ? "strict" : "relaxed" };
      const transaction = database.transaction([ROWS, PIECES], mode, options);
      let failure: unknown;
      let value: T;
      transaction.oncomplete = () => resolve(value);
      transaction.onabort = () => reject(failure ?? transaction.error ?? new Error("aborted"));
      body(transaction.objectStore(ROWS), transaction.objectStore(PIECES)).then(
        (result) => (value = result),
        (error) => {
          failure = error;
          try {
            transaction.abort();
          } catch {
            reject(error);
          }
        },
      );
    });
    try {
      return await this.#within(COMMIT_WITHIN_MS, done);
    } catch (error) {
      // A database that failed may be of no use any more: the next transaction opens it anew.
      if (!(error instanceof CopyGone)) {
        this.#database = null;
        database.close();
      }
      throw error;
    }
  }

  #open(): Promise<IDBDatabase> {
    if (this.#database) return this.#database;
    const forget = () => {
      if (this.#database === opened) this.#database = null;
    };
    let late = false;
    const opening = new Promise<IDBDatabase>((resolve, reject) => {
      if (!this.#device.indexedDB) throw new Error("This browser has no IndexedDB.");
      const request = this.#device.indexedDB.open(this.name, VERSION);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(ROWS, { keyPath: ["user", "id"] });
        request.result.createObjectStore(PIECES, { autoIncrement: true }).createIndex("token", "token");
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        if (late) return database.close();
        database.onclose = forget;
        // Another version of this app, or somebody who deletes the database, waits for us to let go.
        database.onversionchange = () => {
          forget();
          database.close();
        };
        resolve(database);
      };
    });
    const opened = this.#within(OPEN_WITHIN_MS, opening);
    this.#database = opened;
    opened.catch(() => {
      late = true;
      forget();
    });
    return opened;
  }

  /** IndexedDB may hang for good, without an error. */
  #within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#timers.after(milliseconds, () =>
        reject(new Error("The browser's storage does not answer.")),
      );
      promise.finally(cancel).then(resolve, reject);
    });
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function drop({ user, id, token }: Row, rows: IDBObjectStore, pieces: IDBObjectStore): Promise<void> {
  rows.delete([user, id]);
  for (const key of await answer(pieces.index("token").getAllKeys(token))) pieces.delete(key);
}

/** Arrays come behind all strings. */
function all(user: string): IDBKeyRange {
  return IDBKeyRange.bound([user], [user, []]);
}

function newToken(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");
}
