/**
 * Keeps a Yjs document in step with a server: connects, syncs, comes back after a break, and knows what is saved.
 *
 * Its helpers know one thing each: `Socket` when a connection lives, `Attempts` when to make another, `Saves` what is
 * durable, `Presence` who is here. This module decides what follows from what they say.
 */
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { Attempts } from "./attempts";
import { Credentials, offerOf, Refused, type TokenSource } from "./credentials";
import { Emitter } from "./emitter";
import { browser, type Environment, type Signal } from "./environment";
import { Link } from "./link";
import { ProviderError, type ProviderEvents, type ProviderOptions } from "./options";
import { Presence } from "./presence";
import { decodeFrame, encodeMessage, type Hello, type Message, mayWrite, type Role } from "./protocol";
import { type SaveState, Saves } from "./saves";
import { Socket } from "./socket";
import { type CloseInfo, type ConnectionState, refusal, type Space, scarce } from "./state";

export class Provider {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly #environment: Environment;
  readonly #url: string;
  readonly #ownsAwareness: boolean;
  readonly #credentials: Credentials;
  readonly #events = new Emitter<ProviderEvents>();
  readonly #saves: Saves;
  readonly #presence: Presence;
  readonly #attempts: Attempts;
  readonly #stopSignals: () => void;

  #state: ConnectionState = { status: "offline", attempt: 0, retryAt: Number.POSITIVE_INFINITY, last: null };
  #saveState: SaveState;
  #hello: Hello | null = null;
  #role: Role | null = null;
  #space: Space | null = null;
  #epoch: string | null;
  /** Whether somebody wants a connection, now or as soon as there can be one. */
  #wanted = false;
  #destroyed = false;
  #link: Link | null = null;
  #pings = 0;

  constructor(doc: Y.Doc, options: ProviderOptions) {
    this.doc = doc;
    this.#environment = options.environment ?? browser;
    this.#url = options.url;
    this.#epoch = options.epoch ?? null;
    this.#ownsAwareness = options.awareness === undefined;
    this.#credentials = new Credentials(this.#environment, options, (token) =>
      this.#send({ type: "token", token }),
    );
    this.awareness = options.awareness ?? new Awareness(doc);
    this.#attempts = new Attempts(this.#environment);
    this.#presence = new Presence(this.awareness, this.#environment, this);
    this.#saves = new Saves(options.unsavedAtStart ?? (doc.store.clients.size > 0 ? 1 : 0));
    this.#saveState = this.#saves.state;
    this.#stopSignals = this.#environment.onSignal(this.#onSignal);
    doc.on("update", this.#onUpdate);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get saveState(): SaveState {
    return this.#saveState;
  }

  /** The last greeting; null before the first, and with a server that doesn't speak `cowrite.v1`. */
  get hello(): Hello | null {
    return this.#hello;
  }

  /** What this client may do, as far as it was told. */
  get role(): Role | null {
    return this.#role;
  }

  /** The space the document has while it is almost full or full, as far as this client was told; null while there is room. */
  get space(): Space | null {
    return this.#space;
  }

  /** When the next attempt comes, in the environment's milliseconds; null when none is planned. */
  get nextRetryAt(): number | null {
    return this.#state.status === "offline" && Number.isFinite(this.#state.retryAt)
      ? this.#state.retryAt
      : null;
  }

  /** Returns the function that ends the subscription. */
  on<Name extends keyof ProviderEvents>(
    event: Name,
    listener: (value: ProviderEvents[Name]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * The document was filled, in a transaction of this provider's, with what a local store had of it: what is known of that.
   *
   * @param epoch the copy's incarnation of the document; the server refuses a copy of another one
   * @param unsaved how many changes in it are not known to be durable
   */
  restored(epoch: string | null, unsaved: number): void {
    this.#epoch ??= epoch;
    for (let n = 0; n < unsaved; n++) this.#saves.changed();
    this.#savesChanged();
  }

  /** Connects, and comes back after every break until `disconnect`, `destroy` or a refusal. */
  connect(): void {
    if (this.#wanted || this.#destroyed) return;
    this.#wanted = true;
    this.#attempts.startOver();
    this.#dial();
  }

  /** Ends the connection and plans no other. */
  disconnect(): void {
    this.#wanted = false;
    this.#attempts.rest();
    this.#credentials.rest();
    if (this.#link) this.#link.socket.close();
    else if (this.nextRetryAt !== null && this.#state.status === "offline") {
      this.#setState({ ...this.#state, retryAt: Number.POSITIVE_INFINITY });
    } else if (this.#state.status === "connecting") {
      this.#retryLater({ clean: true, code: 1000, reason: "" });
    }
  }

  /**
   * Shows something else from here on: on the open connection at once, and after a refusal with another attempt. What is left out
   * stays what it is.
   */
  authorize(credentials: { token?: TokenSource; link?: string | null }): void {
    const told = this.#credentials.replace(credentials);
    for (const token of told) this.#send({ type: "token", token });
    this.retryNow();
  }

  /** Doesn't wait for the next attempt's time; also tries again after a refusal. Nothing happens while connected. */
  retryNow(): void {
    if (this.#state.status === "refused") this.connect();
    else if (this.#state.status === "offline" && this.#wanted) this.#dial();
  }

  /** Says goodbye, disconnects and lets go of the document. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#stopSignals();
    this.doc.off("update", this.#onUpdate);
    this.#presence.destroy();
    this.disconnect();
    if (this.#ownsAwareness) this.awareness.destroy();
    this.#events.clear();
  }

  #dial(): void {
    this.#attempts.begin();
    if (this.#credentials.asks) this.#setState({ status: "connecting", attempt: this.#attempts.count });
    this.#credentials.fetch(
      (tokens) => this.#open(tokens),
      (error) => this.#unauthorized(error),
    );
  }

  #open(tokens: string[]): void {
    const { protocols, messages } = offerOf(tokens);
    const { patience, count } = this.#attempts;
    try {
      const socket: Socket = new Socket(this.#environment, this.#address(), protocols, patience, {
        opened: () => this.#opened(socket, messages),
        received: (frame) => this.#received(frame),
        receivedText: () => this.#malformed(new TypeError("a text frame")),
        probe: () => this.#probe(),
        closed: (info) => this.#closed(info),
      });
      this.#link = new Link(socket);
    } catch (error) {
      this.#emitError("url", `No connection can be made to ${this.#url}.`, error);
      this.#retryLater({ clean: false, code: 1006, reason: String(error) });
      return;
    }
    if (this.#state.status !== "connecting") this.#setState({ status: "connecting", attempt: count });
  }

  /** There is no token to come with. */
  #unauthorized(error: unknown): void {
    const refused = error instanceof Refused ? refusal(4401, "") : null;
    if (refused) {
      this.#wanted = false;
      this.#setState(refused);
      return;
    }
    this.#emitError("token", "The application gave no token.", error);
    this.#retryLater({ clean: false, code: 1006, reason: String(error) });
  }

  #address(): string {
    if (this.#epoch === null) return this.#url;
    const separator = this.#url.includes("?") ? "&" : "?";
    return `${this.#url}${separator}epoch=${encodeURIComponent(this.#epoch)}`;
  }

  #opened(socket: Socket, tokens: string[]): void {
    const link = this.#link;
    for (const token of tokens) this.#send({ type: "token", token });
    this.#send({ type: "syncStep1", stateVector: Y.encodeStateVector(this.doc) });
    this.#events.emit("open", undefined);
    if (link !== this.#link) return;
    this.#presence.connected({
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      sendAwareness: (update) => this.#send({ type: "awareness", update }),
    });
  }

  #received(frame: Uint8Array): void {
    const link = this.#link;
    try {
      for (const message of decodeFrame(frame)) {
        this.#events.emit("message", message);
        // Any message, and any listener, may end the connection.
        if (!link || link !== this.#link) return;
        this.#act(link, message);
      }
    } catch (error) {
      if (link === this.#link) this.#malformed(error);
    }
    this.#savesChanged();
  }

  #act(link: Link, message: Message): void {
    if (link.extended === null) {
      link.extended = message.type === "hello";
      this.#saves.connected(link.extended);
    }
    switch (message.type) {
      case "hello":
        this.#greeted(link, message.hello);
        break;
      case "syncStep1":
        this.#giveMissing(link, message.stateVector);
        break;
      case "syncStep2":
        Y.applyUpdate(this.doc, message.update, this);
        this.#synced(link);
        break;
      case "update":
        Y.applyUpdate(this.doc, message.update, this);
        break;
      case "awareness":
        this.#meet(message.update);
        break;
      case "queryAwareness":
        this.#presence.sendNow();
        break;
      case "permissionDenied":
        link.socket.refuse(4403, message.reason);
        break;
      case "saved":
        this.#saves.saved(message.upTo);
        break;
      case "role":
        this.#roleChanged(link, message.role);
        break;
      case "storage":
        this.#saves.storage(message.problem === "" ? "The server cannot save." : message.problem);
        break;
      case "space":
        link.spaceTold = true;
        this.#setSpace(scarce(message));
        break;
      case "ping":
      case "pong":
      case "token":
      case "unknown":
        break;
    }
  }

  #greeted(link: Link, hello: Hello): void {
    if (this.#epoch !== null && this.#epoch !== hello.epoch) {
      link.socket.refuse(4409, "");
      return;
    }
    this.#epoch = hello.epoch;
    link.limit = hello.limits.message_bytes;
    this.#hello = hello;
    this.#events.emit("hello", hello);
    this.#setRole(hello.role);
  }

  #roleChanged(link: Link, role: Role): void {
    const couldWrite = this.#mayWrite();
    this.#setRole(role);
    link.demoted ||= couldWrite && !this.#mayWrite();
    if (couldWrite || !this.#mayWrite() || link !== this.#link) return;
    // A reader isn't asked what it has (sync step 1). On a new connection it will be, as a writer.
    link.socket.close("the role changed");
    this.retryNow();
  }

  /** Sends all that the server lacks; from here on changes are sent as they are made. */
  #giveMissing(link: Link, stateVector: Uint8Array): void {
    if (!this.#mayWrite()) return;
    link.flowing = true;
    this.#give(link, { type: "syncStep2", update: Y.encodeStateAsUpdate(this.doc, stateVector) });
  }

  #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    this.#saves.changed();
    if (this.#link?.flowing && this.#mayWrite()) this.#give(this.#link, { type: "update", update });
    this.#savesChanged();
  };

  #give(link: Link, message: Message): void {
    const problem = link.give(message);
    if (problem === null) this.#saves.sent();
    else {
      this.#saves.held(problem);
      this.#emitError("tooLarge", problem);
    }
  }

  #synced(link: Link): void {
    // Whoever observes the document may have ended the connection.
    if (link !== this.#link || this.#state.status === "synced") return;
    link.socket.synced();
    this.#credentials.accepted();
    this.#credentials.watch();
    if (!link.spaceTold) this.#setSpace(null);
    this.#attempts.succeeded();
    this.#setState({ status: "synced" });
  }

  /** Somebody else's presence that cannot be read is no reason to leave. */
  #meet(update: Uint8Array): void {
    try {
      this.#presence.receive(update);
    } catch (error) {
      this.#emitError("presence", "Somebody's presence could not be read.", error);
    }
  }

  /** A stock server doesn't know Ping, but answers sync step 1 at any time. */
  #probe(): void {
    if (this.#link?.extended) this.#send({ type: "ping", token: ++this.#pings });
    else this.#send({ type: "syncStep1", stateVector: Y.encodeStateVector(this.doc) });
  }

  #onSignal = (signal: Signal): void => {
    if (signal === "offline") {
      // It is about the network at large: a server on this computer may well be there.
      this.#link?.socket.doubt();
      return;
    }
    this.#link?.socket.wake();
    if (this.#state.status === "offline") this.retryNow();
  };

  #malformed(error: unknown): void {
    this.#emitError("malformed", "The server sent something that could not be read.", error);
    this.#link?.socket.abandon("The server sent something that could not be read");
  }

  #closed(info: CloseInfo): void {
    // A change that was on its way when the right to write ended is answered with a refusal, of writing and not of reading.
    const mayRead = this.#link?.demoted && info.code === 4403;
    this.#link = null;
    this.#attempts.ended();
    this.#credentials.rest();
    this.#saves.disconnected();
    const refused = this.#wanted && !mayRead ? refusal(info.code, info.reason) : null;
    if (refused && !(info.code === 4401 && this.#credentials.rejected())) {
      this.#wanted = false;
      this.#setState(refused);
    } else {
      this.#retryLater(info);
    }
    this.#savesChanged();
    this.#presence.disconnected();
    this.#events.emit("close", info);
  }

  #retryLater(last: CloseInfo): void {
    const attempt = this.#attempts.count;
    if (!this.#wanted) {
      this.#setState({ status: "offline", attempt, retryAt: Number.POSITIVE_INFINITY, last });
      return;
    }
    const retryAt = this.#attempts.later(() => this.#dial());
    this.#setState({ status: "offline", attempt, retryAt, last });
  }

  #send(message: Message): void {
    this.#link?.socket.send(encodeMessage(message));
  }

  #mayWrite(): boolean {
    return this.#role === null || mayWrite(this.#role);
  }

  #setRole(role: Role): void {
    if (this.#role === role) return;
    this.#role = role;
    this.#events.emit("role", role);
  }

  #setSpace(space: Space | null): void {
    if (this.#space === null && space === null) return;
    this.#space = space;
    this.#events.emit("space", space);
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#events.emit("state", state);
  }

  #savesChanged(): void {
    const before = this.#saveState;
    const after = this.#saves.state;
    if (
      before.unsaved === after.unsaved &&
      before.status === after.status &&
      before.storageProblem === after.storageProblem &&
      before.acknowledges === after.acknowledges
    ) {
      return;
    }
    this.#saveState = after;
    this.#events.emit("save", after);
  }

  #emitError(kind: ProviderError["kind"], message: string, cause?: unknown): void {
    this.#events.emit("error", new ProviderError(kind, message, { cause }));
  }
}
