/** How often a connection was tried in vain, how long the next try may take, and when it comes. Knows no socket. */
import { retryDelay, STABLE_AFTER_MS } from "./backoff";
import type { Environment } from "./environment";

/** The exchange that follows the handshake may take this long at the first attempt … */
const SYNC_TIMEOUT_MS = 10_000;

/** … and twice as long after each failure, up to this: a large document on a slow line needs to get through once. */
const SYNC_TIMEOUT_MAX_MS = 160_000;

export class Attempts {
  readonly #environment: Environment;
  /** Since the last stable connection. */
  #count = 0;
  #cancelRetry: () => void = () => {};
  #cancelStable: () => void = () => {};

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get count(): number {
    return this.#count;
  }

  /** Milliseconds that the present attempt has from the open socket until it is synced. */
  get patience(): number {
    return Math.min(SYNC_TIMEOUT_MAX_MS, SYNC_TIMEOUT_MS * 2 ** (this.#count - 1));
  }

  /** Forgets the failures. */
  startOver(): void {
    this.#count = 0;
  }

  /** An attempt is made. */
  begin(): void {
    this.rest();
    this.#count += 1;
  }

  /** Plans the next. Returns when it comes, in the environment's milliseconds. */
  later(again: () => void): number {
    const delay = retryDelay(this.#count, this.#environment.random());
    this.#cancelRetry = this.#environment.after(delay, again);
    return this.#environment.now() + delay;
  }

  /** Plans none. */
  rest(): void {
    this.#cancelRetry();
    this.#cancelRetry = () => {};
  }

  /** The connection is synced: once it has been for a while, it was a success. */
  succeeded(): void {
    this.#cancelStable = this.#environment.after(STABLE_AFTER_MS, () => this.startOver());
  }

  /** The connection ended. */
  ended(): void {
    this.#cancelStable();
  }
}
