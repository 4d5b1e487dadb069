/**
 * One document's copy on this device: shown before the server answers, added to as things happen, shared with the other tabs.
 *
 * A tab tells the others of what it has stored and not of what it is about to store. So whatever is in a tab's document is in the copy,
 * or waits in that tab, before what builds on it.
 */
import * as Y from "yjs";
import { Emitter } from "../emitter";
import { browser, type Environment } from "../environment";
import type { Role } from "../protocol";
import type { Provider } from "../provider";
import { COPY_GONE } from "./copy-gone";
import { type ChannelLike, type Device, thisDevice } from "./device";
import type { Piece, Row, Store } from "./store";

/** What happens within this time is stored together: about three frames, and less than it takes to close a tab. */
export const BATCH_MS = 50;

/** After a failure the storage is left alone for this long. */
export const RETRY_MS = 10_000;

/** A copy in more pieces than this is put together after it was opened … */
const MAX_PIECES = 200;

/** … and while it is open, one in more than this: each time costs a moment. */
const MAX_PIECES_OPEN = 2_000;

/** So is one whose small pieces hold more than this, and more than half of its largest piece. */
const MAX_SCATTERED_BYTES = 256 * 1024;

/** After opening there is more to do than putting pieces together. */
const COMPACT_AFTER_MS = 3_000;

/** `off`: nothing is kept, nor is it meant to be. `saving`: some of what is here is not in the copy yet. `failed`: it cannot be. */
export type CopyState = "off" | "saving" | "kept" | "failed";

export interface CopyOptions {
  store: Store;
  user: string;
  id: string;
  /** What the list of copies is to say of the document, as it then is. */
  describe: () => { title: string; kind: string };
  device?: Device;
  environment?: Environment;
  /** In how many pieces a copy may be, freshly opened and later; for tests, which see pieces put together all the time. */
  maxPieces?: number;
}

/** What a tab tells the others. */
interface Told {
  token: string;
  epoch: string | null;
  /** Whose changes these are, and where they are in the copy. */
  session: string;
  piece: number;
  updates: Uint8Array[];
}

type Message = Told | { cleared: string };

export class LocalCopy {
  readonly #provider: Provider;
  readonly #doc: Y.Doc;
  readonly #options: CopyOptions;
  readonly #environment: Environment;
  readonly #session: string;
  readonly #channel: ChannelLike | null;
  readonly #events = new Emitter<{ state: CopyState }>();
  readonly #stops: (() => void)[];

  #state: CopyState = "off";
  #closed = false;
  #phase: "opening" | "open" | "ended" = "opening";
  #token: string | null = null;
  #epoch: string | null;
  #role: Role | null;
  /** Changes made on this page, which its provider counts among all that are unsaved. */
  #made: number;
  /** How many of them the copy has as unsaved. */
  #marked = 0;
  /** What is to be stored, and which of it was made here. */
  #queue: Uint8Array[] = [];
  #own: Uint8Array[] = [];
  /** Whether everything is to be stored, for it is not known what is stored. */
  #whole: boolean;
  /** Whether the row has to be written although nothing is queued. */
  #stale = false;
  /** Batches on their way. */
  #writing = 0;
  #failed = false;
  /** Whether what comes into the document comes out of the copy. */
  #applying = false;
  #cancel: (() => void) | null = null;
  #cancelCompact: () => void = () => {};
  /** The pieces that this page's document holds, and their sizes. */
  #pieces = new Map<number, number>();
  /** How many are too many, when somebody looks next. */
  #maxPieces = MAX_PIECES_OPEN;
  /** For other pages that wrote here, the last of their pieces that this document holds and that its provider counts as unsaved. */
  #others = new Map<string, number>();
  /** What the other tabs told before the copy was read. */
  #heard: Told[] = [];

  constructor(provider: Provider, options: CopyOptions) {
    const { store, user, id, device = thisDevice, environment = browser } = options;
    this.#provider = provider;
    this.#doc = provider.doc;
    this.#options = options;
    this.#environment = environment;
    this.#session = String(this.#doc.clientID);
    this.#epoch = provider.hello?.epoch ?? null;
    this.#role = provider.hello?.role ?? null;
    this.#whole = this.#doc.store.clients.size > 0;
    this.#made = provider.saveState.unsaved;
    this.#channel = device.openChannel(`${store.name} ${JSON.stringify([user, id])}`);
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#onMessage(data as Message);
    this.#doc.on("update", this.#onUpdate);
    this.#stops = [
      () => this.#doc.off("update", this.#onUpdate),
      provider.on("hello", ({ epoch, role }) => {
        // A copy of another incarnation is not this document's; the provider refuses it.
        if (this.#epoch !== null && this.#epoch !== epoch) return;
        this.#epoch = epoch;
        this.#role = role;
        this.touch();
      }),
      provider.on("role", (role) => {
        this.#role = role;
        this.touch();
      }),
      provider.on("save", ({ unsaved }) => {
        if (unsaved > 0) return;
        this.#made = 0;
        if (this.#marked > 0 || this.#others.size > 0) this.touch();
      }),
    ];
  }

  get state(): CopyState {
    return this.#state;
  }

  on(event: "state", listener: (state: CopyState) => void): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * Reads the copy into the document. Best before the provider connects, which then asks for what is missing only. Never rejects, and
   * takes no longer than the store lets it. Returns what was there.
   */
  async open(): Promise<Row | null> {
    let found: Awaited<ReturnType<Store["read"]>>;
    try {
      found = await this.#options.store.read(this.#options);
    } catch {
      this.#end("failed");
      return null;
    }
    if (this.#phase !== "opening") return null;
    const { row = null, pieces = [] } = found ?? {};
    if (row && row.epoch !== null && this.#epoch !== null && row.epoch !== this.#epoch) {
      // The server was faster, and what is kept is of an earlier document.
      this.#end("failed");
      return null;
    }
    if (row) this.#take(row, pieces);
    this.#phase = "open";
    for (const told of this.#heard) this.#hear(told);
    this.#heard = [];
    if (row || this.#queue.length > 0 || this.#whole || this.#epoch !== null) this.touch();
    this.#show();
    this.#cancelCompact = this.#environment.after(COMPACT_AFTER_MS, () => {
      this.#maxPieces = this.#options.maxPieces ?? MAX_PIECES;
      this.#compact();
      this.#options.store.prune(this.#options.user).catch(() => {});
    });
    return row;
  }

  /** What is said of the document has changed. */
  touch(): void {
    this.#stale = true;
    this.#soon();
  }

  /** Stores now what waits: the page may be gone in a moment. */
  flush(): void {
    if (!this.#failed && (this.#queue.length > 0 || this.#whole || this.#stale)) this.#write();
  }

  /** Clears this copy for good, in all tabs. Resolves to whether it is gone. */
  async clear(): Promise<boolean> {
    const token = this.#token;
    this.#end("off");
    try {
      await this.#options.store.remove(this.#options, token);
    } catch {
      return false;
    }
    if (token !== null) this.#channel?.postMessage({ cleared: token } satisfies Message);
    return true;
  }

  /** Stores what waits, and lets go of the document. */
  close(): void {
    this.flush();
    for (const stop of this.#stops) stop();
    this.#cancelCompact();
    this.#events.clear();
    this.#closed = true;
    // What is being stored at this moment is told when it is.
    if (this.#writing === 0) this.#channel?.close();
    this.#phase = "ended";
  }

  /** Puts what was kept into the document. */
  #take(row: Row, pieces: Piece[]): void {
    const provider = this.#provider;
    const waiting = Object.entries(row.waiting);
    const unsaved = waiting.reduce((sum, [, { changes }]) => sum + changes, 0);
    const early = provider.state.status === "offline" && provider.hello === null;
    const before = provider.saveState.unsaved;
    const updates = pieces.flatMap((piece) => piece.updates);
    // Once a server was heard, what it lacks has to be sent, as if it were made now.
    this.#applying = true;
    this.#apply(updates, early || unsaved === 0 ? provider : this);
    this.#applying = false;
    provider.restored(row.epoch, early ? unsaved : 0);
    this.#token = row.token;
    this.#epoch ??= row.epoch;
    this.#role ??= row.role;
    for (const { key, updates } of pieces) this.#pieces.set(key, bytes(updates));
    // What the document could not take in yet goes to the server with the rest, if nothing went before it.
    if (!this.#counts(before, early)) return;
    for (const [page, { piece }] of waiting) this.#others.set(page, piece);
  }

  /** Whether the provider counts what was just applied, and so all of it is with the server once nothing is unsaved. */
  #counts(before: number, early = false): boolean {
    return this.#provider.saveState.unsaved > before && (early || !this.#lacks);
  }

  /** Whether the document was given something that builds on what it does not have. */
  get #lacks(): boolean {
    const { pendingStructs, pendingDs } = this.#doc.store;
    return pendingStructs !== null || pendingDs !== null;
  }

  #apply(updates: Uint8Array[], origin: unknown): void {
    this.#doc.transact(() => {
      for (const update of updates) {
        try {
          Y.applyUpdate(this.#doc, update, origin);
        } catch (error) {
          console.warn("A part of the copy on this device could not be read", error);
        }
      }
    }, origin);
  }

  #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (this.#phase === "ended" || this.#applying || origin === this) return;
    if (origin !== this.#provider) {
      this.#made += 1;
      this.#own.push(update);
    }
    if (!this.#whole) this.#queue.push(update);
    this.#soon();
  };

  #soon(): void {
    this.#show();
    if (this.#phase !== "open" || this.#cancel || this.#writing > 0) return;
    this.#cancel = this.#environment.after(this.#failed ? RETRY_MS : BATCH_MS, () => this.#write());
  }

  async #write(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#phase !== "open") return;
    const { store, describe } = this.#options;
    const updates = this.#whole ? [Y.encodeStateAsUpdate(this.#doc)] : this.#queue;
    const own = this.#own;
    const { unsaved } = this.#provider.saveState;
    const changes = Math.min(unsaved, this.#made);
    const settled = unsaved === 0 && !this.#lacks ? new Map(this.#others) : new Map<string, number>();
    this.#queue = [];
    this.#own = [];
    this.#whole = false;
    this.#stale = false;
    this.#writing += 1;
    try {
      const { token, piece } = await store.append(this.#options, {
        token: this.#token,
        epoch: this.#epoch,
        updates,
        session: this.#session,
        changes,
        settled,
        about: { ...describe(), role: this.#role, opened: this.#environment.now() },
        strict: own.length > 0 && this.#provider.state.status !== "synced",
      });
      this.#token = token;
      this.#failed = false;
      this.#marked = changes;
      for (const [page, piece] of settled) if (this.#others.get(page) === piece) this.#others.delete(page);
      if (piece !== null) this.#stored(token, piece, updates, own);
    } catch (error) {
      if (error instanceof Error && error.name === COPY_GONE) this.#end("failed");
      // Which of it is stored is not known; it all goes next time.
      this.#whole = true;
      this.#queue = [];
      this.#own = [...own, ...this.#own];
      this.#failed = true;
    }
    this.#writing -= 1;
    if (this.#writing > 0) return;
    if (this.#closed) this.#channel?.close();
    if (this.#hasEnded) return;
    if (this.#queue.length > 0 || this.#stale || this.#whole) this.#soon();
    else this.#compact();
    this.#show();
  }

  #stored(token: string, piece: number, updates: Uint8Array[], own: Uint8Array[]): void {
    this.#pieces.set(piece, bytes(updates));
    if (own.length === 0) return;
    const told: Told = { token, epoch: this.#epoch, session: this.#session, piece, updates: own };
    this.#channel?.postMessage(told);
  }

  #onMessage(message: Message): void {
    if ("cleared" in message) {
      if (message.cleared === this.#token) this.#end("off");
    } else if (this.#phase === "opening") this.#heard.push(message);
    else if (this.#phase === "open") this.#hear(message);
  }

  /** Takes what another tab has stored. */
  async #hear({ token, epoch, session, piece, updates }: Told): Promise<void> {
    if (this.#epoch !== null && epoch !== null && this.#epoch !== epoch) return;
    if (token !== (this.#token ?? token)) return;
    this.#token = token;
    const before = this.#provider.saveState.unsaved;
    this.#apply(updates, this);
    if (this.#lacks) {
      // It builds on what the server told there and not here; the copy has it.
      const found = await this.#options.store.read(this.#options).catch(() => null);
      if (this.#hasEnded || found?.row.token !== token) return;
      this.#apply(
        found.pieces.flatMap((piece) => piece.updates),
        this,
      );
    }
    // The piece itself is not known to be here: it may hold others' changes beside those that were made there.
    if (this.#counts(before)) this.#others.set(session, piece);
  }

  /** Puts the pieces together. Nothing waits when this is called, so the document is what is kept. */
  async #compact(): Promise<void> {
    const token = this.#token;
    if (this.#phase !== "open" || token === null || this.#writing > 0 || this.#queue.length > 0) return;
    const scattered = isScattered([...this.#pieces.values()], this.#maxPieces);
    this.#maxPieces = this.#options.maxPieces ?? MAX_PIECES_OPEN;
    if (this.#whole || !scattered) return;
    const replaced = [...this.#pieces.keys()];
    const whole = Y.encodeStateAsUpdate(this.#doc);
    this.#pieces.clear();
    const piece = await this.#options.store.replace(token, replaced, whole).catch(() => null);
    if (piece !== null) this.#pieces.set(piece, whole.length);
  }

  #end(state: "off" | "failed"): void {
    this.#phase = "ended";
    this.#failed = state === "failed";
    this.#cancel?.();
    this.#cancel = null;
    this.#cancelCompact();
    this.#set(state);
  }

  /** Looked at again after something was awaited. */
  get #hasEnded(): boolean {
    return this.#phase === "ended";
  }

  #show(): void {
    if (this.#phase !== "open") return;
    const waits = this.#writing > 0 || this.#queue.length > 0 || this.#whole;
    this.#set(this.#failed ? "failed" : waits ? "saving" : "kept");
  }

  #set(state: CopyState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.emit("state", state);
  }
}

function isScattered(sizes: readonly number[], maxPieces: number): boolean {
  const largest = Math.max(0, ...sizes);
  const rest = sizes.reduce((sum, size) => sum + size, 0) - largest;
  return sizes.length > maxPieces || rest > Math.max(MAX_SCATTERED_BYTES, largest / 2);
}

function bytes(updates: readonly Uint8Array[]): number {
  return updates.reduce((sum, { length }) => sum + length, 0);
}
