/** What is true of one connection only. */
import { encodeMessage, type Message } from "./protocol";
import type { Socket } from "./socket";

export class Link {
  readonly socket: Socket;
  /**
   * Whether the server speaks `cowrite.v1`; null until its first message, which then is Hello. The selected subprotocol
   * does not tell: common WebSocket libraries select whatever is offered.
   */
  extended: boolean | null = null;
  /** The largest message that the server takes, in bytes, as far as it said. */
  limit = Number.POSITIVE_INFINITY;
  /**
   * Whether changes are sent as they are made. They wait for sync step 2, which carries all that were made before it:
   * without those the server could not apply them.
   */
  flowing = false;
  /** Whether the right to write was taken away on this connection. */
  demoted = false;
  /** Whether the server spoke of the space. A document with room is not spoken of. */
  spaceTold = false;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Sends a message that carries changes. Returns null, or why it was not sent. */
  give(message: Message): string | null {
    const bytes = encodeMessage(message);
    if (bytes.length <= this.limit) {
      this.socket.send(bytes);
      return null;
    }
    // The server would close the connection for good. What is changed next may build on this change: nothing goes until
    // another connection's sync step 2, which may have become smaller, fits.
    this.flowing = false;
    return `A change is too large to be sent (${megabytes(bytes.length)}; the server takes ${megabytes(this.limit)}).`;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
