/**
 * The copy of an open document on this device, as state for its page, and when it has to go: it is one reader's, and theirs only as long
 * as the server lets them read.
 */
import { t } from "../i18n";
import { ApiError, getDocument, parseKind, recall, remember, USER, userOf } from "../service";
import { mayWrite, type Provider } from "../sync";
import { type CopyState, LocalCopy, type Row } from "../sync/local";
import { openDialog } from "./dialogs";
import type { OpenDocument } from "./document.svelte";
import { notices } from "./notices.svelte";
import { forgetDocument } from "./recent";
import type { Why } from "./refusals";
import { session } from "./session.svelte";

/** Somebody's unsaved changes wait this long for the server to say that it is still them. */
const WHO_WITHIN_MS = 3_000;

/** Close codes; docs/protocol.md. */
const [DELETED, REPLACED] = [4404, 4409];

/** Reasons that signing in, a password or waiting do not help against. */
const FOR_GOOD: readonly (string | null)[] = ["revoked", "forbidden", "deleted"];

export class Keeping {
  state: CopyState = $state("off");

  private copy: LocalCopy | null = null;
  /** Whose copy it is; null until that is known. */
  user: string | null = recall(USER);
  /** Whether this page began with what was kept. */
  private restored = false;
  private warned = false;
  private readonly listeners = new AbortController();

  constructor(
    private readonly document: OpenDocument,
    private readonly provider: Provider,
  ) {
    const { signal } = this.listeners;
    const flush = () => this.copy?.flush();
    addEventListener("pagehide", flush, { signal });
    window.document.addEventListener("visibilitychange", flush, { signal });
    addEventListener("storage", () => this.checkUser(), { signal });
  }

  /** Shows what was kept. Resolves, after a bounded time, once the provider may connect. */
  async open(): Promise<void> {
    const known = session.know();
    if (this.user === null) {
      // A first visit, or one after signing out: nobody waits, for there is nothing to show.
      known.then(() => {
        if (session.me) this.begin(recall(USER) ?? userOf(session.me));
      });
      return;
    }
    const row = await this.begin(this.user);
    known.then(() => this.checkUser());
    if (row === null) return;
    this.restored = true;
    if (this.document.title === "") {
      this.document.title = row.title;
      this.document.kind = parseKind(row.kind);
    }
    if (row.role !== null && !mayWrite(row.role)) this.document.role = row.role;
    // What one person wrote is not sent in the name of another.
    if (this.provider.saveState.unsaved > 0) {
      await Promise.race([known, new Promise((done) => setTimeout(done, WHO_WITHIN_MS))]);
    }
  }

  /** What the list of copies says of the document has changed. */
  touch() {
    this.copy?.touch();
  }

  /** The connection, or what is saved, has changed. */
  watch() {
    const { save, online } = this.document;
    if (online || save.unsaved === 0) return;
    if (this.state === "failed" && !this.warned) {
      this.warned = true;
      notices.info(t.offline.noCopy);
    }
    if (this.state === "kept" && recall("persist") === null) {
      remember("persist", "asked");
      navigator.storage?.persist?.().catch(() => {});
    }
  }

  /**
   * The server refused, and this is what is known of it. Where that is for good the copy goes, but not what somebody wrote and nobody
   * has: that is offered for salvage first.
   */
  async refused(code: number, why: Why | null) {
    if (this.document.save.unsaved > 0 || !(await this.isOver(code, why))) return;
    const cleared = await this.clear();
    if (code !== REPLACED) forgetDocument(this.document.id);
    // What is on the page was never this session's: it goes too.
    if (cleared && this.restored && !this.document.loaded) location.reload();
  }

  /** Begins with what the server has, in place of what this page and this device have. */
  async startOver() {
    const { save, salvaged } = this.document;
    if (save.unsaved > 0 && !salvaged && this.state === "kept") {
      const act = () => {
        this.document.salvaged = true;
        this.clearAndReload();
      };
      openDialog(() => import("./offline/DiscardDialog.svelte"), { act });
    } else await this.clearAndReload();
  }

  /** Resolves to whether there is nothing of this document on this device. */
  async clear(): Promise<boolean> {
    return (await this.copy?.clear()) ?? true;
  }

  close() {
    this.listeners.abort();
    this.copy?.close();
  }

  private async clearAndReload() {
    await this.clear();
    location.reload();
  }

  private async begin(user: string): Promise<Row | null> {
    const { document } = this;
    this.user = user;
    const local = await import("./local").catch(() => null);
    if (this.listeners.signal.aborted) return null;
    if (local === null) {
      this.state = "failed";
      return null;
    }
    const { localStore } = local;
    this.copy = new LocalCopy(this.provider, {
      store: localStore(),
      user,
      id: document.id,
      describe: () => ({ title: document.title, kind: document.kind }),
    });
    this.copy.on("state", (state) => {
      this.state = state;
      this.watch();
    });
    return await this.copy.open();
  }

  /** Somebody else is signed in now: this page is another's. What was written stays in the copy of whoever wrote it. */
  private checkUser() {
    const now = recall(USER);
    if (now !== null && this.user !== null && now !== this.user) location.reload();
  }

  private async isOver(code: number, why: Why | null): Promise<boolean> {
    if (code === REPLACED || FOR_GOOD.includes(why)) return true;
    if (code !== DELETED || why !== null) return false;
    // "Not there" may be the trash, from which documents come back.
    return await getDocument(this.document.id).then(
      () => false,
      (error) => error instanceof ApiError && (error.status === 404 || error.status === 410),
    );
  }
}
