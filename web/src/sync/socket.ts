/**
 * One connection attempt and the connection it becomes: its deadlines, its heartbeat, and its end, told exactly once.
 *
 * A dead connection is given up from this side: its close event may come minutes later or never. Events of a socket that
 * was given up are not heard any more. This module knows nothing of documents or messages.
 */
import type { Environment, WebSocketLike } from "./environment";
import type { CloseInfo } from "./state";

/** `WebSocket.OPEN`, without needing a browser to know it. */
const OPEN = 1;

/** An attempt that isn't open after this long is given up. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** A synced connection is asked for a sign of life this often … */
export const HEARTBEAT_MS = 15_000;

/** … and is dead when nothing at all was heard for this long. */
export const SILENCE_MS = 30_000;

/** How long the answer may take when there is reason to doubt the connection. */
export const PROBE_TIMEOUT_MS = 5_000;

const NORMAL_CLOSURE = 1000;
const ABNORMAL_CLOSURE = 1006;

export interface SocketListener {
  /** The handshake is done. */
  opened(): void;
  received(frame: Uint8Array): void;
  /** The server sent a text frame, which the protocol does not have. */
  receivedText(): void;
  /** Send something that the server answers. */
  probe(): void;
  /** The end. Nothing is called after it. */
  closed(info: CloseInfo): void;
}

type Phase =
  | { name: "connecting"; deadline: number }
  | { name: "syncing"; deadline: number }
  | { name: "live" }
  | { name: "closed" };

export class Socket {
  readonly #environment: Environment;
  readonly #listener: SocketListener;
  readonly #syncTimeout: number;
  readonly #webSocket: WebSocketLike;
  #phase: Phase;
  #cancelTimer: () => void;
  #cancelProbe: () => void = () => {};
  #lastHeard = 0;
  #lastProbe = 0;

  /**
   * Starts an attempt. Throws what the WebSocket constructor throws, such as a SyntaxError for an impossible URL.
   *
   * @param protocols the subprotocols to offer
   * @param syncTimeout milliseconds from the open socket to `synced`. One message may hold a large document and shows
   * no progress, so this takes the place of the heartbeat until then.
   */
  constructor(
    environment: Environment,
    url: string,
    protocols: string[],
    syncTimeout: number,
    listener: SocketListener,
  ) {
    this.#environment = environment;
    this.#listener = listener;
    this.#syncTimeout = syncTimeout;
    const webSocket = environment.openSocket(url, protocols);
    this.#webSocket = webSocket;
    webSocket.binaryType = "arraybuffer";
    webSocket.onopen = () => this.#opened();
    webSocket.onmessage = (event) => this.#received(event.data);
    webSocket.onclose = ({ wasClean, code, reason }) => this.#finish({ clean: wasClean, code, reason });
    this.#phase = { name: "connecting", deadline: environment.now() + CONNECT_TIMEOUT_MS };
    this.#cancelTimer = this.#check(CONNECT_TIMEOUT_MS);
  }

  get bufferedAmount(): number {
    return this.#webSocket.bufferedAmount;
  }

  send(message: Uint8Array): void {
    if (this.#phase.name === "closed" || this.#phase.name === "connecting") return;
    // Between the server's goodbye and our hearing of it nothing arrives any more. What is lost here goes with the next sync.
    if (this.#webSocket.readyState !== OPEN) return;
    this.#webSocket.send(message as Uint8Array<ArrayBuffer>);
  }

  /** The first exchange is complete: from here on the heartbeat watches over the connection. */
  synced(): void {
    if (this.#phase.name !== "syncing") return;
    this.#phase = { name: "live" };
    this.#lastProbe = this.#environment.now();
    this.#cancelTimer();
    this.#cancelTimer = this.#check(HEARTBEAT_MS);
  }

  /** The page woke up, and its timers may be late: looks at the clock now, and makes sure of a connection that seems well. */
  wake(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    this.#checkNow();
    this.doubt();
  }

  /** There is reason to believe that the connection is gone: it has a few seconds to prove otherwise. */
  doubt(): void {
    if (this.#phase.name !== "live") return;
    const asked = this.#environment.now();
    this.#cancelProbe();
    this.#cancelProbe = this.#environment.after(PROBE_TIMEOUT_MS, () =>
      this.abandon(`Nothing was heard for ${seconds(this.#environment.now() - asked)}`),
    );
    this.#probe();
  }

  /** Ends the connection in good order, without waiting for the server to agree. */
  close(reason = ""): void {
    this.#finish({ clean: true, code: NORMAL_CLOSURE, reason });
  }

  /** Gives the connection up as dead or unusable. */
  abandon(reason: string): void {
    this.#finish({ clean: false, code: ABNORMAL_CLOSURE, reason });
  }

  /** Ends the connection as if the server had closed it with `code`. */
  refuse(code: number, reason: string): void {
    this.#finish({ clean: true, code, reason });
  }

  #opened(): void {
    if (this.#phase.name !== "connecting") return;
    this.#phase = { name: "syncing", deadline: this.#environment.now() + this.#syncTimeout };
    this.#cancelTimer();
    this.#cancelTimer = this.#check(this.#syncTimeout);
    this.#heard();
    this.#listener.opened();
  }

  #received(data: unknown): void {
    this.#heard();
    if (data instanceof ArrayBuffer) this.#listener.received(new Uint8Array(data));
    else this.#listener.receivedText();
  }

  #heard(): void {
    this.#lastHeard = this.#environment.now();
    this.#cancelProbe();
    this.#cancelProbe = () => {};
  }

  #probe(): void {
    this.#lastProbe = this.#environment.now();
    this.#listener.probe();
  }

  #check(delay: number): () => void {
    return this.#environment.after(delay, () => this.#checkNow());
  }

  /** Gives up what is past its deadline and sets the timer for the next look. */
  #checkNow(): void {
    const now = this.#environment.now();
    const phase = this.#phase;
    switch (phase.name) {
      case "connecting":
      case "syncing":
        if (now >= phase.deadline) this.abandon(`Timed out ${phase.name}`);
        else this.#cancelTimer = this.#check(phase.deadline - now);
        break;
      case "live": {
        // Somebody set the clock back: what it said before is of no use.
        this.#lastHeard = Math.min(this.#lastHeard, now);
        this.#lastProbe = Math.min(this.#lastProbe, now);
        const silence = now - this.#lastHeard;
        if (silence >= SILENCE_MS) {
          this.abandon(`Nothing was heard for ${seconds(silence)}`);
          break;
        }
        if (now - this.#lastProbe >= HEARTBEAT_MS) this.#probe();
        const next = Math.min(this.#lastProbe + HEARTBEAT_MS, this.#lastHeard + SILENCE_MS);
        this.#cancelTimer = this.#check(next - now);
        break;
      }
      case "closed":
        break;
    }
  }

  #finish(info: CloseInfo): void {
    if (this.#phase.name === "closed") return;
    this.#phase = { name: "closed" };
    this.#cancelTimer();
    this.#cancelProbe();
    this.#webSocket.onopen = null;
    this.#webSocket.onmessage = null;
    this.#webSocket.onclose = null;
    this.#webSocket.close(NORMAL_CLOSURE);
    this.#listener.closed(info);
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
