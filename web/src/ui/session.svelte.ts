/** Who the server takes this page's reader for, and what follows from it. */
import { ApiError, getMe, type Me } from "../service";

/** What a server is that has no such thing as identities. */
const OPEN: Me = {
  mode: "open",
  identity: { kind: "guest" },
  may: { create: true, administer: false },
  founded: true,
};

class Session {
  /** Null until the server has answered. */
  me: Me | null = $state.raw(null);

  readonly account = $derived(this.me?.identity.kind === "account" ? this.me.identity : null);
  /** The name that the server vouches for; null of guests, who call themselves what they like. */
  readonly name: string | null = $derived(
    this.me === null || this.me.identity.kind === "guest" ? null : this.me.identity.displayName,
  );
  /** Whether this is somebody unknown where others are known. */
  readonly guest = $derived(this.me !== null && this.me.mode !== "open" && this.me.identity.kind === "guest");

  private asking: Promise<void> | null = null;

  /** Asks the server, unless it has answered. */
  know(): Promise<void> {
    if (this.me !== null) return Promise.resolve();
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask() {
    try {
      this.me = await getMe();
    } catch (error) {
      // Unknown until it can be reached; who opens a document asks again once it is.
      if (error instanceof ApiError && error.status === 404) this.me = OPEN;
    }
  }
}

export const session = new Session();
