/**
 * What the provider needs from the world around it. It touches nothing else, so tests bring their own clock, network
 * and page, and wait for nothing.
 */
export interface Environment {
  /** Opens a WebSocket. May throw, as the browser's constructor does for a URL it doesn't like. */
  openSocket(url: string, protocols: string[]): WebSocketLike;
  /** Milliseconds since 1970. A clock that goes on while the computer sleeps, so that waking up shows as silence. */
  now(): number;
  /** Calls back once after `delay` milliseconds, or later in a hidden tab. Returns the function that prevents it. */
  after(delay: number, callback: () => void): () => void;
  /** Uniform in [0, 1). */
  random(): number;
  /** Tells of the page's signals. Returns the function that ends it. */
  onSignal(listener: (signal: Signal) => void): () => void;
}

/**
 * `online` and `offline`: the system believes it has (no) network, which is a hint and not the truth. `visible`: the
 * tab came to the front, or the page came back from the back-forward cache.
 */
export type Signal = "online" | "offline" | "visible";

/** The part of the browser's WebSocket that is used. */
export interface WebSocketLike {
  binaryType: string;
  /** 1 while messages can be sent; a socket that is closing has not told us yet. */
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { wasClean: boolean; code: number; reason: string }) => void) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** The page this code runs in. Outside of a page (Node, a worker) there are simply no signals. */
export const browser: Environment = {
  openSocket: (url, protocols) => new WebSocket(url, protocols) as WebSocketLike,
  now: () => Date.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  onSignal(listener) {
    if (typeof document === "undefined") return () => {};
    const controller = new AbortController();
    const { signal } = controller;
    addEventListener("online", () => listener("online"), { signal });
    addEventListener("offline", () => listener("offline"), { signal });
    addEventListener("pageshow", () => listener("visible"), { signal });
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.visibilityState === "visible") listener("visible");
      },
      { signal },
    );
    return () => controller.abort();
  },
};
