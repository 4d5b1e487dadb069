/**
 * What a connection shows to be let in: the token of who writes and the token of a link, and how fresh they are. Knows no
 * socket. What the browser's cookie says comes on top and is not seen here.
 */
import type { Environment } from "./environment";
import { SUBPROTOCOL } from "./protocol";

/** A token, or how to come by one. */
export type TokenSource = string | null | (() => string | null | Promise<string | null>);

/** Announces a token as the first message; with a point behind it, it carries one. */
const TOKEN_PROTOCOL = "cowrite.token";

/** What a subprotocol may be made of (RFC 6455, 4.1: the tokens of HTTP). */
const OFFERABLE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whoever is asked for a token has this long to answer. */
export const TOKEN_TIMEOUT_MS = 10_000;

/** A new token is asked for this long before the old one ends … */
const REFRESH_BEFORE_MS = 60_000;

/** … not more often than this … */
const REFRESH_MIN_MS = 10_000;

/** … and at least this often, which timers of browsers can count to. */
const REFRESH_MAX_MS = 24 * 3_600_000;

/** What to offer as subprotocols, and which tokens no subprotocol can carry: those go as messages. */
export function offerOf(tokens: readonly string[]): { protocols: string[]; messages: string[] } {
  const fit = tokens.filter((token) => OFFERABLE.test(token));
  const messages = tokens.filter((token) => !OFFERABLE.test(token));
  const announced = messages.length > 0 ? [TOKEN_PROTOCOL] : [];
  return {
    protocols: [SUBPROTOCOL, ...fit.map((token) => `${TOKEN_PROTOCOL}.${token}`), ...announced],
    messages,
  };
}

/** When a JSON Web Token ends, in milliseconds since 1970; null for one that does not say, and for other tokens. */
export function expiryOf(token: string): number | null {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return null;
  try {
    const { exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : null;
  } catch {
    return null;
  }
}

/** How long to wait before asking for the token that follows this one; null when it does not end, or has ended. */
export function refreshDelay(token: string, now: number): number | null {
  const left = (expiryOf(token) ?? Number.NEGATIVE_INFINITY) - now;
  if (left <= 0) return null;
  const delay = left - Math.min(REFRESH_BEFORE_MS, left / 5);
  return Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, delay));
}

export class Credentials {
  readonly #environment: Environment;
  /** Called with a token that an open connection is to be told. */
  readonly #renewed: (token: string) => void;
  #source: TokenSource;
  #link: string | null;
  /** The last token that was given. */
  #token: string | null = null;
  /** The token that the server did not take, when another was asked for in its place. */
  #rejected: string | null = null;
  #cancel: () => void = () => {};

  constructor(
    environment: Environment,
    { token = null, link = null }: { token?: TokenSource; link?: string | null },
    renewed: (token: string) => void,
  ) {
    this.#environment = environment;
    this.#source = token;
    this.#link = link;
    this.#renewed = renewed;
  }

  /** Takes what is given in place of what was known. Returns what is new to an open connection. */
  replace({ token, link }: { token?: TokenSource; link?: string | null }): string[] {
    this.#rejected = null;
    if (token !== undefined) this.#source = token;
    if (link !== undefined) this.#link = link;
    const told = [typeof token === "function" ? null : token, link];
    return told.filter((one): one is string => typeof one === "string");
  }

  /** Whether the next attempt has to wait for an answer. */
  get asks(): boolean {
    return typeof this.#source === "function";
  }

  /** Gives the tokens for an attempt, at once unless somebody has to be asked for one. Only the last call is answered. */
  fetch(then: (tokens: string[]) => void, failed: (error: unknown) => void): void {
    const given = (token: string | null) => {
      this.#token = token;
      if (token !== null && token === this.#rejected) failed(new Refused());
      else then([...new Set([token, this.#link].filter((one) => one !== null))]);
    };
    if (typeof this.#source === "function") this.#ask(this.#source, given, failed);
    else given(this.#source);
  }

  /** A connection is open: asks for the next token before this one ends. */
  watch(): void {
    const source = this.#source;
    const delay = this.#token === null ? null : refreshDelay(this.#token, this.#environment.now());
    if (typeof source !== "function" || delay === null) return;
    this.#cancel();
    this.#cancel = this.#environment.after(delay, () => {
      const given = (token: string | null) => {
        const news = token !== null && token !== this.#token;
        this.#token = token ?? this.#token;
        if (news) this.#renewed(token);
        this.watch();
      };
      // Who cannot be asked now may be there in a moment; until it ends, the token is good.
      this.#ask(source, given, () => this.watch());
    });
  }

  /** The connection ended, or nobody waits for an answer any more. */
  rest(): void {
    this.#cancel();
    this.#cancel = () => {};
  }

  /** The server took what it was shown. */
  accepted(): void {
    this.#rejected = null;
  }

  /** The server did not take the token. Whether another one may be asked for: once, until one is taken. */
  rejected(): boolean {
    if (!this.asks || this.#token === null || this.#rejected !== null) return false;
    this.#rejected = this.#token;
    return true;
  }

  #ask(
    source: () => string | null | Promise<string | null>,
    then: (token: string | null) => void,
    failed: (error: unknown) => void,
  ): void {
    this.#cancel();
    let waiting = true;
    const settle = (act: () => void) => {
      if (!waiting) return;
      this.rest();
      act();
    };
    const cancelTimer = this.#environment.after(TOKEN_TIMEOUT_MS, () =>
      settle(() => failed(new Error("The application gave no token in time."))),
    );
    this.#cancel = () => {
      waiting = false;
      cancelTimer();
    };
    Promise.resolve()
      .then(source)
      .then(
        (token) => settle(() => then(token)),
        (error) => settle(() => failed(error)),
      );
  }
}

/** The only token to be had is one that the server has refused. */
export class Refused extends Error {}
