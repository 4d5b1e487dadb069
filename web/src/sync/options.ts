/** What a provider is given and what it tells: its options, events and errors. */
import type { Awareness } from "y-protocols/awareness";
import type { TokenSource } from "./credentials";
import type { Environment } from "./environment";
import type { Hello, Message, Role } from "./protocol";
import type { SaveState } from "./saves";
import type { CloseInfo, ConnectionState, Space } from "./state";

export interface ProviderOptions {
  /** The document's address: `ws(s)://host/ws/ID`, possibly with a query. */
  url: string;
  /** Who is here. Without it the provider makes its own, and destroys it at the end. */
  awareness?: Awareness;
  /**
   * Who this is, where the browser's cookie does not say it: a token of a session or a JSON Web Token. A function is asked before
   * every attempt, and once more before a JSON Web Token ends, which then is replaced on the open connection. When the server refuses a
   * token that a function gave, the function is asked once for another.
   */
  token?: TokenSource;
  /** The token of a link to the document, or what became of it when its password was given. */
  link?: string | null;
  /** The epoch of the copy that the document already holds; the server refuses a copy of another one. */
  epoch?: string;
  /**
   * Changes that the document already holds and that are not known to be durable. By default a document that isn't
   * empty counts as one such change; whoever knows better, a local store for one, says so.
   */
  unsavedAtStart?: number;
  /** The world around the provider; the browser's page by default. */
  environment?: Environment;
}

export interface ProviderEvents {
  state: ConnectionState;
  save: SaveState;
  /** The server's greeting, once for each connection. */
  hello: Hello;
  /** The role, whenever it is another than before. */
  role: Role;
  /** The space the document has, from when it is almost full until there is room again: then null. */
  space: Space | null;
  /** The handshake is done. */
  open: undefined;
  /** A message from the server, before it is acted upon. */
  message: Message;
  close: CloseInfo;
  error: ProviderError;
}

/** Something went wrong that a closed connection alone doesn't tell. Its message is a sentence for people. */
export class ProviderError extends Error {
  override name = "ProviderError";
  constructor(
    /**
     * `url`: no WebSocket can be opened there. `malformed`: the server's message made no sense, and the connection is
     * made anew. `presence`: somebody's awareness made no sense and was left out. `tooLarge`: a change exceeds
     * the server's limit; it and what follows stay here, unsaved. `token`: who was to give one did not.
     */
    readonly kind: "url" | "malformed" | "presence" | "tooLarge" | "token",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
