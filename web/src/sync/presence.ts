/**
 * Keeps one Awareness in step with a connection: sends this client's state, at a bearable rate, and takes the others'.
 * It speaks for this client only, because the server lets a client's state be set from one connection alone.
 */
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import type { Environment } from "./environment";

/** States leave no closer together than this: a cursor being dragged changes far more often than anybody can see. */
export const AWARENESS_INTERVAL_MS = 50;

/** With more than this many bytes waiting to be sent, cursors wait: the text goes first. */
export const AWARENESS_BACKLOG_BYTES = 1024 * 1024;

/** Where states go: the open connection. */
export interface PresenceOutlet {
  readonly bufferedAmount: number;
  sendAwareness(update: Uint8Array): void;
}

interface AwarenessChange {
  added: number[];
  updated: number[];
  removed: number[];
}

export class Presence {
  readonly #awareness: Awareness;
  readonly #environment: Environment;
  /** The origin of changes that came from the connection. */
  readonly #origin: unknown;
  #outlet: PresenceOutlet | null = null;
  /** The timer of a state that waits for its turn. */
  #cancelWaiting: (() => void) | null = null;
  #lastSent = Number.NEGATIVE_INFINITY;

  constructor(awareness: Awareness, environment: Environment, origin: unknown) {
    this.#awareness = awareness;
    this.#environment = environment;
    this.#origin = origin;
    awareness.on("update", this.#onUpdate);
  }

  connected(outlet: PresenceOutlet): void {
    const state = this.#awareness.getLocalState();
    if (state !== null) {
      // Whoever saw our last connection end holds our state as removed, at its clock (y-protocols) or one later (yrs),
      // and would take an equal clock for old news.
      this.#awareness.setLocalState(state);
      this.#awareness.setLocalState(state);
    }
    this.#outlet = outlet;
    this.sendNow();
  }

  /** Nobody is known to be here any more of whom the connection told. An attempt that failed told of nobody. */
  disconnected(): void {
    if (!this.#outlet) return;
    this.#outlet = null;
    this.#cancelWaiting?.();
    this.#cancelWaiting = null;
    const { states, meta, clientID } = this.#awareness;
    const others = [...states.keys()].filter((client) => client !== clientID);
    removeAwarenessStates(this.#awareness, others, this.#origin);
    // Their clocks are forgotten too, or an unchanged state would be taken for old news when it is heard again.
    for (const client of [...meta.keys()]) if (client !== clientID) meta.delete(client);
  }

  /** Throws when the update cannot be read. */
  receive(update: Uint8Array): void {
    applyAwarenessUpdate(this.#awareness, update, this.#origin);
  }

  sendNow(): void {
    this.#cancelWaiting?.();
    this.#cancelWaiting = null;
    const { clientID, meta } = this.#awareness;
    if (!this.#outlet || !meta.has(clientID)) return;
    this.#lastSent = this.#environment.now();
    this.#outlet.sendAwareness(encodeAwarenessUpdate(this.#awareness, [clientID]));
  }

  /** Says goodbye, and listens no more. */
  destroy(): void {
    this.#awareness.off("update", this.#onUpdate);
    if (this.#awareness.getLocalState() === null) return;
    this.#awareness.setLocalState(null);
    this.sendNow();
  }

  /** Also for changes from the connection: when it claims that we are gone, the Awareness wants to object. */
  #onUpdate = ({ added, updated, removed }: AwarenessChange): void => {
    const { clientID } = this.#awareness;
    if ([added, updated, removed].some((clients) => clients.includes(clientID))) this.#sendSoon();
  };

  /** At once when the last state left long enough ago; else what the state then is, when its turn comes. */
  #sendSoon(): void {
    if (!this.#outlet || this.#cancelWaiting) return;
    const since = this.#environment.now() - this.#lastSent;
    if (since >= AWARENESS_INTERVAL_MS && this.#outlet.bufferedAmount <= AWARENESS_BACKLOG_BYTES) {
      this.sendNow();
      return;
    }
    const wait = since < AWARENESS_INTERVAL_MS ? AWARENESS_INTERVAL_MS - since : AWARENESS_INTERVAL_MS;
    this.#cancelWaiting = this.#environment.after(wait, () => {
      this.#cancelWaiting = null;
      this.#sendSoon();
    });
  }
}
