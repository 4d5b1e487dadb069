/** What a provider is up to, as values for others to show; and which closes end its attempts. */

/** How a connection ended. */
export interface CloseInfo {
  /** Whether the close handshake happened. Without it the network, a crash or a silent peer ended the connection. */
  clean: boolean;
  /** The WebSocket close code; 1006 when there was no close handshake. */
  code: number;
  /** A short English sentence, possibly empty. */
  reason: string;
}

export type ConnectionState =
  /** An attempt is under way; the first is 1. */
  | { status: "connecting"; attempt: number }
  /** The document holds what the server held when it answered, and changes flow both ways. */
  | { status: "synced" }
  | {
      status: "offline";
      /** Attempts in a row that did not lead to a stable connection. */
      attempt: number;
      /** When the next attempt comes, in the environment's milliseconds; Infinity when none is planned. */
      retryAt: number;
      /** How the last connection ended; null before the first. */
      last: CloseInfo | null;
    }
  /** The server said no for good, and why. Only `connect` or `retryNow` try again. */
  | { status: "refused"; code: number; reason: string };

/** How large a document is and how large it may become, in bytes as the server counts them. */
export interface Space {
  used: number;
  limit: number;
}

/** Below this share of its limit a document that was almost full has room again; docs/protocol.md. */
const ROOMY_BELOW = 0.85;

/** What the server said of the space, while it is short; null once there is room. */
export function scarce({ used, limit }: Space): Space | null {
  return used < ROOMY_BELOW * limit ? null : { used, limit };
}

/** The permanent close codes of docs/protocol.md, with what to say when the server gives no reason. */
const REFUSALS: Readonly<Record<number, string>> = {
  4401: "You need to sign in to open this document.",
  4403: "You are not allowed to open this document.",
  4404: "This document doesn't exist or was deleted.",
  4409: "This copy belongs to an earlier incarnation of the document, which was replaced or rolled back.",
  4413: "A change, or the document with it, was too large for the server.",
  4422: "The server could not read what was sent to it.",
};

/** The refusal that a close code means, or null for a connection worth trying again. */
export function refusal(code: number, reason: string): (ConnectionState & { status: "refused" }) | null {
  const sentence = REFUSALS[code];
  return sentence === undefined ? null : { status: "refused", code, reason: reason || sentence };
}
