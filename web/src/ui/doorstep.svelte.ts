/**
 * Why a document stays shut. Whoever is refused again and again is kept waiting at the socket before it says so (docs/protocol.md); the
 * REST interface says it at once, has more words than a close code, and knows who asks.
 */
import { ApiError, getDocument, listDocuments } from "../service";
import { codeOf, type Why, whyOf } from "./refusals";
import { session } from "./session.svelte";

/** Most sockets are open by then, and nobody has to be asked. */
const PATIENCE_MS = 300;

interface Refused {
  status: "refused";
  code: number;
  reason: string;
}

export class Doorstep {
  /** Why the server refuses, or lets nobody write, as far as it says more than a close code. */
  why: Why | null = $state(null);
  /** Whether whoever asks may restore it from the trash. */
  owned = $state(false);
  /** The refusal that the socket has not told yet. */
  early: Refused | null = $state.raw(null);
  /** Whether somebody who tried again is about to know more. */
  asking = $state(false);

  private waiting = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly idOf: () => string) {}

  /** An attempt begins. */
  knock() {
    if (!this.waiting) this.wait(PATIENCE_MS);
  }

  /**
   * Somebody who was refused tries again.
   *
   * @param refused what they were told, which holds until something else is known
   */
  knockAgain(refused: Refused | null) {
    this.early = refused;
    this.asking = true;
    this.wait(0);
  }

  /** The attempt is over: the socket has opened, or has said no itself. */
  leave() {
    this.stop();
    this.early = null;
  }

  /** Nobody waits any more; what was told still holds. */
  stop() {
    clearTimeout(this.timer);
    this.waiting = false;
    this.asking = false;
  }

  /** Finds out why. */
  async ask(): Promise<void> {
    await session.know();
    try {
      await getDocument(this.idOf());
      this.why = null;
    } catch (error) {
      this.why = error instanceof ApiError ? whyOf(error.kind) : null;
    }
    if (this.why === "trashed") this.askWhose();
  }

  /** The trash lists what whoever asks may take out of it again. That is where the rest of it is done, so the first page will do here. */
  private async askWhose() {
    const { documents } = await listDocuments({ trash: true }).catch(() => ({ documents: [] }));
    this.owned = documents.some(({ id }) => id === this.idOf());
  }

  private wait(patience_ms: number) {
    clearTimeout(this.timer);
    this.waiting = true;
    this.timer = setTimeout(async () => {
      await this.ask();
      this.asking = false;
      if (this.waiting) this.early = this.why && { status: "refused", code: codeOf(this.why), reason: "" };
    }, patience_ms);
  }
}
