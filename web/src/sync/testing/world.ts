/** A world for tests: time passes when told to, and sockets lead to whatever the test puts at their other end. */
import type { Environment, Signal, WebSocketLike } from "../environment";
import { decodeFrame, encodeMessage, type Message } from "../protocol";

export class World implements Environment {
  /** Every socket that was opened, oldest first. */
  readonly sockets: FakeSocket[] = [];
  /** What `random` answers. */
  luck = 0.5;
  /** Sees every new socket; without it attempts hang until the test acts. */
  onSocket: (socket: FakeSocket) => void = () => {};
  /** Time that timers know of. */
  #elapsed = 0;
  /** What the clock on the wall shows beyond that. */
  #clock = 1_700_000_000_000;
  #timers: { at: number; callback: () => void }[] = [];
  #signals = new Set<(signal: Signal) => void>();

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("No socket was opened");
    return last;
  }

  openSocket(url: string, protocols: string[]): FakeSocket {
    const socket = new FakeSocket(url, protocols);
    this.sockets.push(socket);
    this.onSocket(socket);
    return socket;
  }

  now(): number {
    return this.#clock + this.#elapsed;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#elapsed + delay, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  random(): number {
    return this.luck;
  }

  onSignal(listener: (signal: Signal) => void): () => void {
    this.#signals.add(listener);
    return () => this.#signals.delete(listener);
  }

  signal(signal: Signal): void {
    for (const listener of [...this.#signals]) listener(signal);
  }

  /** Lets `milliseconds` pass, running what comes due, in order. */
  advance(milliseconds: number): void {
    const end = this.#elapsed + milliseconds;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#elapsed = next.at;
      next.callback();
    }
    this.#elapsed = end;
  }

  /** The clock moves and timers don't: the computer slept, or with a negative number somebody set the clock back. */
  turnClock(milliseconds: number): void {
    this.#clock += milliseconds;
  }

  get timers(): number {
    return this.#timers.length;
  }
}

/** The client's end of a connection, and in the second half of its methods the other end. */
export class FakeSocket implements WebSocketLike {
  binaryType = "blob";
  readyState = 1;
  bufferedAmount = 0;
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  /** Every message the client sent. */
  readonly sent: Message[] = [];
  closedByClient = false;
  onSent: (message: Message) => void = () => {};
  onClosed: () => void = () => {};

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}

  send(data: Uint8Array): void {
    for (const message of decodeFrame(data)) {
      this.sent.push(message);
      this.onSent(message);
    }
  }

  close(): void {
    this.closedByClient = true;
    this.onClosed();
  }

  accept(): void {
    this.onopen?.();
  }

  deliver(...messages: Message[]): void {
    for (const message of messages) this.deliverBytes(encodeMessage(message));
  }

  deliverBytes(bytes: Uint8Array): void {
    this.onmessage?.({ data: new Uint8Array(bytes).buffer });
  }

  deliverText(text: string): void {
    this.onmessage?.({ data: text });
  }

  hangUp(code: number, reason = "", wasClean = true): void {
    this.onclose?.({ wasClean, code, reason });
  }

  sentOf<Type extends Message["type"]>(type: Type): (Message & { type: Type })[] {
    return this.sent.filter((message): message is Message & { type: Type } => message.type === type);
  }
}
