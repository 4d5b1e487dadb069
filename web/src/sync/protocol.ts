/**
 * The wire protocol, pure: bytes in, values out. It knows no socket, no clock and no document.
 *
 * docs/protocol.md is the specification and src/protocol/message.rs the Rust twin; both sides are held to the bytes in
 * tests/fixtures/messages.json. A number added here is added there in the same commit.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

/** The WebSocket subprotocol that asks for the messages from 100 on. A server that says Hello speaks it. */
export const SUBPROTOCOL = "cowrite.v1";

/** What a connection may do with a document; src/protocol/role.rs is its twin. */
export type Role =
  | "owner"
  | "editor"
  /** What owners and editors are while the document is full: they may delete, and are asked not to insert. */
  | "trimmer"
  | "commenter"
  | "viewer";

/** Whether the server takes changes of the document's text from this role. */
export function mayWrite(role: Role): boolean {
  return role === "owner" || role === "editor" || role === "trimmer";
}

/** What the server says first: what this connection is and may do. */
export interface Hello {
  /** Which incarnation of the document this is; it changes when the document is made again or rolled back. */
  epoch: string;
  role: Role;
  /** The server's name for this connection. */
  session: string;
  /** Whom presence says that this is (`user.id`), where the server knows. */
  person?: string;
  /** What the document is made of, such as `markdown`; fixed when it was created. */
  kind: string;
  title: string;
  limits: {
    /** The largest message the server takes, in bytes. */
    message_bytes: number;
  };
}

export type Message =
  /** Tell me what I lack, given this state vector. */
  | { type: "syncStep1"; stateVector: Uint8Array }
  /** What you lack. */
  | { type: "syncStep2"; update: Uint8Array }
  | { type: "update"; update: Uint8Array }
  | { type: "awareness"; update: Uint8Array }
  | { type: "permissionDenied"; reason: string }
  /** Send me all awareness states. */
  | { type: "queryAwareness" }
  | { type: "hello"; hello: Hello }
  /** Your update-bearing messages 0 to `upTo` on this connection are durable. */
  | { type: "saved"; upTo: number }
  | { type: "role"; role: Role }
  | { type: "ping"; token: number }
  | { type: "pong"; token: number }
  /** Why changes cannot be saved at present; null when they can (again). */
  | { type: "storage"; problem: string | null }
  /** How many bytes the document has, encoded, and how many it may have. */
  | { type: "space"; used: number; limit: number }
  /** Who this is, as the first message or in place of a token that ends. From the client. */
  | { type: "token"; token: string }
  /** A message of a later version of the protocol. Its length is unknown, so it hides what follows in its frame. */
  | { type: "unknown"; number: number };

/** A peer sent bytes that the protocol does not allow. */
export class MalformedMessage extends Error {
  override name = "MalformedMessage";
}

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const QUERY_AWARENESS = 3;
const HELLO = 100;
const SAVED = 101;
const ROLE = 102;
const PING = 103;
const PONG = 104;
const STORAGE = 105;
const SPACE = 106;
const TOKEN = 107;

/** Numbers from here on are ours: an unknown one is from a later version. Below, an unknown one is a mistake. */
const FIRST_EXTENSION = 100;

const SYNC_STEP_1 = 0;
const SYNC_STEP_2 = 1;
const SYNC_UPDATE = 2;

const PERMISSION_DENIED = 0;

export function encodeMessage(message: Message): Uint8Array {
  return encoding.encode((encoder) => {
    const number = (n: number) => encoding.writeVarUint(encoder, n);
    const bytes = (b: Uint8Array) => encoding.writeVarUint8Array(encoder, b);
    const text = (s: string) => encoding.writeVarString(encoder, s);
    switch (message.type) {
      case "syncStep1":
        number(SYNC);
        number(SYNC_STEP_1);
        return bytes(message.stateVector);
      case "syncStep2":
        number(SYNC);
        number(SYNC_STEP_2);
        return bytes(message.update);
      case "update":
        number(SYNC);
        number(SYNC_UPDATE);
        return bytes(message.update);
      case "awareness":
        number(AWARENESS);
        return bytes(message.update);
      case "permissionDenied":
        number(AUTH);
        number(PERMISSION_DENIED);
        return text(message.reason);
      case "queryAwareness":
        return number(QUERY_AWARENESS);
      case "hello":
        number(HELLO);
        return text(JSON.stringify(message.hello));
      case "saved":
        number(SAVED);
        return number(message.upTo);
      case "role":
        number(ROLE);
        return text(message.role);
      case "ping":
        number(PING);
        return number(message.token);
      case "pong":
        number(PONG);
        return number(message.token);
      case "storage":
        number(STORAGE);
        number(message.problem === null ? 0 : 1);
        return text(message.problem ?? "");
      case "space":
        number(SPACE);
        number(message.used);
        return number(message.limit);
      case "token":
        number(TOKEN);
        return text(message.token);
      case "unknown":
        return number(message.number);
    }
  });
}

/**
 * The messages of one frame, at least one.
 *
 * @throws MalformedMessage when the frame is empty, cut short, or holds what the protocol doesn't know.
 */
export function decodeFrame(frame: Uint8Array): Message[] {
  const decoder = decoding.createDecoder(frame);
  const messages: Message[] = [];
  try {
    do {
      const message = decodeMessage(decoder);
      messages.push(message);
      if (message.type === "unknown") break;
    } while (decoding.hasContent(decoder));
  } catch (error) {
    if (error instanceof MalformedMessage) throw error;
    throw new MalformedMessage(`The frame cannot be read: ${String(error)}`);
  }
  return messages;
}

function decodeMessage(decoder: decoding.Decoder): Message {
  const number = decoding.readVarUint(decoder);
  switch (number) {
    case SYNC:
      return decodeSync(decoder);
    case AWARENESS:
      return { type: "awareness", update: decoding.readVarUint8Array(decoder) };
    case AUTH: {
      const kind = decoding.readVarUint(decoder);
      if (kind !== PERMISSION_DENIED) throw new MalformedMessage(`Unknown auth message ${kind}`);
      return { type: "permissionDenied", reason: decoding.readVarString(decoder) };
    }
    case QUERY_AWARENESS:
      return { type: "queryAwareness" };
    case HELLO:
      return { type: "hello", hello: parseHello(decoding.readVarString(decoder)) };
    case SAVED:
      return { type: "saved", upTo: decoding.readVarUint(decoder) };
    case ROLE:
      return { type: "role", role: parseRole(decoding.readVarString(decoder)) };
    case PING:
      return { type: "ping", token: decoding.readVarUint(decoder) };
    case PONG:
      return { type: "pong", token: decoding.readVarUint(decoder) };
    case STORAGE: {
      const flag = decoding.readVarUint(decoder);
      if (flag > 1) throw new MalformedMessage(`Storage is 0 or 1, not ${flag}`);
      const reason = decoding.readVarString(decoder);
      return { type: "storage", problem: flag === 1 ? reason : null };
    }
    case SPACE: {
      const used = decoding.readVarUint(decoder);
      return { type: "space", used, limit: decoding.readVarUint(decoder) };
    }
    case TOKEN:
      return { type: "token", token: decoding.readVarString(decoder) };
    default:
      if (number >= FIRST_EXTENSION) return { type: "unknown", number };
      throw new MalformedMessage(`Unknown message ${number}`);
  }
}

function decodeSync(decoder: decoding.Decoder): Message {
  const step = decoding.readVarUint(decoder);
  const payload = decoding.readVarUint8Array(decoder);
  switch (step) {
    case SYNC_STEP_1:
      return { type: "syncStep1", stateVector: payload };
    case SYNC_STEP_2:
      return { type: "syncStep2", update: payload };
    case SYNC_UPDATE:
      return { type: "update", update: payload };
    default:
      throw new MalformedMessage(`Unknown sync message ${step}`);
  }
}

/** Fields it doesn't know are left out, so that a later server may say more. */
function parseHello(json: string): Hello {
  const value: unknown = JSON.parse(json);
  const { epoch, role, session, person, kind, title, limits } = fields(value);
  const { message_bytes } = fields(limits);
  if (
    typeof epoch !== "string" ||
    typeof session !== "string" ||
    typeof kind !== "string" ||
    typeof title !== "string" ||
    typeof message_bytes !== "number"
  ) {
    throw new MalformedMessage("The Hello lacks a field");
  }
  const who = typeof person === "string" && { person };
  return { epoch, role: parseRole(role), session, ...who, kind, title, limits: { message_bytes } };
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new MalformedMessage("The Hello is not an object");
  return value as Record<string, unknown>;
}

function parseRole(role: unknown): Role {
  switch (role) {
    case "owner":
    case "editor":
    case "trimmer":
    case "commenter":
    case "viewer":
      return role;
    default:
      throw new MalformedMessage(`Unknown role ${JSON.stringify(role)}`);
  }
}
