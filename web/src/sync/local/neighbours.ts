/**
 * Lets the tabs of one document see each other while the server does not tell them: each passes its own awareness state on to the
 * others, and nobody else's, so that nothing goes in circles.
 *
 * Two tabs that both have the server hear of each other from it, with what it says of their person, and from nobody else.
 */
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import { browser, type Environment } from "../environment";
import type { Provider } from "../provider";
import type { CopyOptions } from "./copy";
import { type ChannelLike, thisDevice } from "./device";

/** A tab is apart once it was without the server for this long: most connect sooner, and need nobody for that moment. */
export const APART_AFTER_MS = 1_000;

/** States are told no closer together than this, as over the network. */
export const TELL_INTERVAL_MS = 50;

/** What a tab tells the others. */
interface Told {
  client: number;
  /** Its state, as an awareness update. */
  update: Uint8Array;
  /** Whether it is without the server. */
  apart: boolean;
  /** Whether it wants to hear of the others. */
  asks: boolean;
}

export class Neighbours {
  readonly #provider: Provider;
  readonly #environment: Environment;
  readonly #channel: ChannelLike | null;
  readonly #stops: (() => void)[];
  #apart = false;
  /** The tabs whose states came from them. */
  readonly #heard = new Set<number>();
  /** The tabs that are apart, as far as they said so. They are told of this one. */
  readonly #strays = new Set<number>();
  #cancelApart: (() => void) | null = null;
  #cancelTell: (() => void) | null = null;

  constructor(provider: Provider, options: Omit<CopyOptions, "describe" | "maxPieces">) {
    const { store, user, id, device = thisDevice, environment = browser } = options;
    this.#provider = provider;
    this.#environment = environment;
    this.#channel = device.openChannel(`${store.name} ${JSON.stringify([user, id])} presence`);
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data as Told);
    provider.awareness.on("update", this.#onUpdate);
    this.#stops = [
      () => provider.awareness.off("update", this.#onUpdate),
      provider.on("open", () => this.#join()),
      // For one that was made after the connection.
      provider.on("hello", () => this.#join()),
      provider.on("close", () => this.#part()),
      provider.on("state", () => {
        if (this.#isRefused) this.#resign();
      }),
      environment.onSignal((signal) => {
        if (signal === "visible" && this.#apart) this.#appear();
      }),
    ];
    if (provider.hello === null) this.#part();
  }

  /** Whether what is known of a client came from its tab, and not from the server. */
  has(client: number): boolean {
    return this.#heard.has(client);
  }

  /** Says goodbye, for the page may be gone in a moment. Should it come back, it shows itself again. */
  leave(): void {
    this.#forget();
    if (this.#apart || this.#strays.size > 0) this.#tell({ states: new Map() });
  }

  close(): void {
    this.leave();
    for (const stop of this.#stops) stop();
    this.#cancelApart?.();
    this.#channel?.close();
  }

  /** There is no server; it may be back at once. */
  #part(): void {
    if (this.#apart) return;
    this.#cancelApart ??= this.#environment.after(APART_AFTER_MS, () => {
      this.#cancelApart = null;
      if (this.#isRefused) return;
      this.#apart = true;
      this.#appear();
    });
  }

  /** The server is about to tell of everybody, in its own words, which would be old news beside what the tabs said. */
  #join(): void {
    this.#cancelApart?.();
    this.#cancelApart = null;
    this.#forget();
    this.#apart = false;
    this.#tell({ asks: true });
  }

  /** Whoever may not have the document any more is not among its tabs. */
  #resign(): void {
    this.leave();
    this.#apart = false;
    this.#strays.clear();
  }

  get #isRefused(): boolean {
    return this.#provider.state.status === "refused";
  }

  /** Shows itself, also to tabs that heard its goodbye, and asks who is there. */
  #appear(): void {
    const { awareness } = this.#provider;
    awareness.setLocalState(awareness.getLocalState());
    this.#tell({ asks: true });
  }

  #hear({ client, update, apart, asks }: Told): void {
    if (this.#isRefused) return;
    const { awareness } = this.#provider;
    const matters = apart || this.#apart;
    if (matters) applyAwarenessUpdate(awareness, update, this);
    const here = matters && awareness.states.has(client);
    mark(this.#heard, client, here);
    mark(this.#strays, client, here && apart);
    if (matters && asks) this.#tell({});
  }

  /** Also what y-protocols renews every 15 s, or the others would take this tab for gone. */
  #onUpdate = (changes: Record<"added" | "updated" | "removed", number[]>): void => {
    const { clientID } = this.#provider.awareness;
    if (!this.#apart && this.#strays.size === 0) return;
    if (!Object.values(changes).some((clients) => clients.includes(clientID))) return;
    this.#cancelTell ??= this.#environment.after(TELL_INTERVAL_MS, () => this.#tell({}));
  };

  /** @param states nobody's, to say goodbye */
  #tell({ asks = false, states }: { asks?: boolean; states?: Awareness["states"] }): void {
    this.#cancelTell?.();
    this.#cancelTell = null;
    const { awareness } = this.#provider;
    const { clientID: client } = awareness;
    const update = encodeAwarenessUpdate(awareness, [client], states);
    this.#channel?.postMessage({ client, update, apart: this.#apart, asks } satisfies Told);
  }

  #forget(): void {
    const { awareness } = this.#provider;
    removeAwarenessStates(awareness, [...this.#heard], this);
    // Their clocks are forgotten too, or what the server tells of them would be taken for old news.
    for (const client of this.#heard) awareness.meta.delete(client);
    this.#heard.clear();
  }
}

function mark<Value>(marked: Set<Value>, value: Value, isMarked: boolean): void {
  if (isMarked) marked.add(value);
  else marked.delete(value);
}
