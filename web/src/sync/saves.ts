/**
 * What is known to be durable, from the server's Saved(n) and never from hope. Pure bookkeeping.
 *
 * Changes made here are numbered. Every update-bearing message covers all changes made before it was sent: sync step 2
 * comes first on a connection and holds everything the server lacks, and what is made afterwards is sent in order. So
 * one number per message says what its Saved covers. A connection that breaks takes its unacknowledged messages
 * with it: their changes stay unsaved until a later connection's sync step 2 is acknowledged.
 */

export interface SaveState {
  /** How many changes made here are not known to be durable. */
  unsaved: number;
  /** Why changes cannot be saved at present although the server can be reached; null while they can. */
  storageProblem: string | null;
  /**
   * `saved`: no change made here is unsaved. `saving`: all that are were sent, and the server's word is awaited.
   * `unsaved`: some are only here, or the server cannot save them, or it never says whether it did.
   */
  status: "saved" | "saving" | "unsaved";
  /** Whether the server says what is durable. A stock Yjs server doesn't; null until the first connection. */
  acknowledges: boolean | null;
}

export class Saves {
  /** Changes made here so far. */
  #made: number;
  /** Changes 1 to this are durable. */
  #durable = 0;
  /** For each unacknowledged message of this connection, the change up to which it covers all. */
  #covers: number[] = [];
  /** The number, on this connection, of the first entry of `#covers`. */
  #firstMessage = 0;
  /** The change up to which all were sent on this connection; -1 when nothing was. */
  #sent = -1;
  #acknowledges: boolean | null = null;
  #storageProblem: string | null = null;
  #held: string | null = null;

  /** @param unsavedAtStart changes that the document already holds and no server is known to have */
  constructor(unsavedAtStart = 0) {
    this.#made = unsavedAtStart;
  }

  /** A change was made here. */
  changed(): void {
    this.#made += 1;
  }

  /** A server answers: messages count from 0, and what the last one said about storage is void. */
  connected(acknowledges: boolean): void {
    this.disconnected();
    this.#acknowledges = acknowledges;
    this.#storageProblem = null;
    this.#held = null;
  }

  /** The connection is gone, and with it the hope for what it had not acknowledged. */
  disconnected(): void {
    this.#covers = [];
    this.#firstMessage = 0;
    this.#sent = -1;
  }

  /** An update-bearing message that covers every change made so far was sent. */
  sent(): void {
    this.#sent = this.#made;
    if (this.#acknowledges) this.#covers.push(this.#made);
  }

  /** Messages 0 to `upTo` of this connection are durable. Throws a RangeError for one that was never sent. */
  saved(upTo: number): void {
    const count = upTo - this.#firstMessage + 1;
    if (count > this.#covers.length) {
      throw new RangeError(`The server acknowledged message ${upTo}, which was not sent`);
    }
    if (count <= 0) return;
    const acknowledged = this.#covers.splice(0, count);
    this.#firstMessage += count;
    this.#durable = Math.max(this.#durable, acknowledged[count - 1] ?? 0);
  }

  /** The server cannot save, and why; null: it can again. */
  storage(problem: string | null): void {
    this.#storageProblem = problem;
  }

  /** Changes cannot be sent on this connection, and why. */
  held(reason: string): void {
    this.#held = reason;
  }

  get state(): SaveState {
    const unsaved = this.#made - this.#durable;
    const storageProblem = this.#held ?? this.#storageProblem;
    const awaited = this.#acknowledges === true && this.#sent === this.#made && storageProblem === null;
    const status = unsaved === 0 ? "saved" : awaited ? "saving" : "unsaved";
    return { unsaved, storageProblem, status, acknowledges: this.#acknowledges };
  }
}
