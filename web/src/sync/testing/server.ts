/** A server for tests, of one document in memory: docs/protocol.md in its shortest form. Everything takes 1 ms to arrive. */
import * as decoding from "lib0/decoding";
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import * as Y from "yjs";
import { type Hello, type Message, mayWrite, type Role } from "../protocol";
import type { FakeSocket, World } from "./world";

interface Peer {
  socket: FakeSocket;
  role: Role;
  /** Update-bearing messages received. */
  received: number;
  /** The awareness clients it speaks for. */
  clients: Set<number>;
  /** A message went missing, so none that follows arrives either: TCP leaves no gaps. */
  lost: boolean;
}

export class Server {
  doc = new Y.Doc();
  /** What is on the disk: the document as it was when something was last acknowledged. */
  durable = new Y.Doc();
  readonly awareness = new Awareness(new Y.Doc());
  epoch = "e1";
  role: Role = "editor";
  messageBytes = 8 * 1024 * 1024;
  /** A stock Yjs server says nothing beyond the standard messages. */
  stock = false;
  /** While it doesn't, messages are applied and passed on, but not acknowledged. */
  saves = true;
  /** While it isn't, attempts and messages go nowhere, and nobody is told. */
  reachable = true;
  /** Whether it lets in whoever comes with these tokens. */
  admits: (tokens: readonly string[]) => boolean = () => true;
  readonly peers = new Set<Peer>();

  constructor(readonly world: World) {
    this.awareness.setLocalState(null);
    world.onSocket = (socket) => this.#later(() => this.#accept(socket));
  }

  get text(): string {
    return this.doc.getText("content").toString();
  }

  /** Ends every connection as the network does: without a word. */
  cut(): void {
    for (const peer of [...this.peers]) {
      this.#gone(peer);
      peer.socket.hangUp(1006, "", false);
    }
  }

  close(code: number, reason = ""): void {
    for (const peer of [...this.peers]) {
      this.#gone(peer);
      peer.socket.hangUp(code, reason);
    }
  }

  broadcast(message: Message): void {
    for (const peer of this.peers) this.#tell(peer, message);
  }

  /** The server loses its power and comes back with what is on the disk. */
  crash(): void {
    this.cut();
    this.doc = new Y.Doc();
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(this.durable));
  }

  /** The disk works again: acknowledges all that was received. */
  save(): void {
    this.saves = true;
    for (const peer of this.peers) this.#acknowledge(peer);
  }

  destroy(): void {
    this.awareness.destroy();
  }

  #accept(socket: FakeSocket): void {
    if (!this.reachable || socket.closedByClient) return;
    const offered = socket.protocols.filter((protocol) => protocol.startsWith("cowrite.token."));
    if (!this.admits(offered.map((protocol) => protocol.slice("cowrite.token.".length)))) {
      socket.accept();
      socket.hangUp(4401, "Not with that.");
      return;
    }
    const peer: Peer = { socket, role: this.role, received: 0, clients: new Set(), lost: false };
    this.peers.add(peer);
    socket.onClosed = () => this.#gone(peer);
    socket.onSent = (message) => this.#carry(peer, () => this.#hear(peer, message));
    socket.accept();
    if (!this.stock) this.#tell(peer, { type: "hello", hello: this.#hello(peer) });
    if (mayWrite(peer.role)) {
      this.#tell(peer, { type: "syncStep1", stateVector: Y.encodeStateVector(this.doc) });
    }
    const present = [...this.awareness.states.keys()];
    if (present.length > 0) {
      this.#tell(peer, { type: "awareness", update: encodeAwarenessUpdate(this.awareness, present) });
    }
  }

  #hello(peer: Peer): Hello {
    const limits = { message_bytes: this.messageBytes };
    return { epoch: this.epoch, role: peer.role, session: "s", kind: "markdown", title: "A title", limits };
  }

  #hear(peer: Peer, message: Message): void {
    switch (message.type) {
      case "syncStep1":
        this.#tell(peer, { type: "syncStep2", update: Y.encodeStateAsUpdate(this.doc, message.stateVector) });
        break;
      case "syncStep2":
      case "update":
        Y.applyUpdate(this.doc, message.update);
        peer.received += 1;
        for (const other of this.peers) {
          if (other !== peer) this.#tell(other, { type: "update", update: message.update });
        }
        if (this.saves) this.#acknowledge(peer);
        break;
      case "awareness":
        applyAwarenessUpdate(this.awareness, message.update, null);
        for (const client of clientsOf(message.update)) peer.clients.add(client);
        this.broadcast(message);
        break;
      case "ping":
        this.#tell(peer, { type: "pong", token: message.token });
        break;
    }
  }

  #acknowledge(peer: Peer): void {
    if (this.stock || peer.received === 0) return;
    Y.applyUpdate(this.durable, Y.encodeStateAsUpdate(this.doc, Y.encodeStateVector(this.durable)));
    this.#tell(peer, { type: "saved", upTo: peer.received - 1 });
  }

  #gone(peer: Peer): void {
    if (!this.peers.delete(peer) || peer.clients.size === 0) return;
    const clients = [...peer.clients];
    removeAwarenessStates(this.awareness, clients, null);
    this.broadcast({ type: "awareness", update: encodeAwarenessUpdate(this.awareness, clients) });
  }

  #tell(peer: Peer, message: Message): void {
    this.#carry(peer, () => peer.socket.deliver(message));
  }

  /** Over the wire, in either direction. */
  #carry(peer: Peer, arrive: () => void): void {
    this.#later(() => {
      peer.lost ||= !this.reachable;
      if (!peer.lost && this.peers.has(peer)) arrive();
    });
  }

  #later(callback: () => void): void {
    this.world.after(1, callback);
  }
}

function clientsOf(awarenessUpdate: Uint8Array): number[] {
  const decoder = decoding.createDecoder(awarenessUpdate);
  return Array.from({ length: decoding.readVarUint(decoder) }, () => {
    const client = decoding.readVarUint(decoder);
    decoding.readVarUint(decoder);
    decoding.readVarString(decoder);
    return client;
  });
}
