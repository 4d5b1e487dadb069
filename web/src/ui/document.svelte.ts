/**
 * An open document as state for the page to render: the provider's events, the title, who is here. It never syncs; the
 * provider does, whatever this page shows.
 */
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { contentOf, type Kind, type Person, personOf, type UserState } from "../editor";
import { t, whole } from "../i18n";
import { linkOf, messageOf, parseKind, renameDocument, socketOf, takeLink } from "../service";
import {
  type ConnectionState,
  type Hello,
  mayWrite,
  Provider,
  type Role,
  type SaveState,
  type Space,
} from "../sync";
import type { CopyState } from "../sync/local";
import { Doorstep } from "./doorstep.svelte";
import { secondsUntil } from "./format";
import { glimpse } from "./glimpse.svelte";
import { Keeping } from "./keeping.svelte";
import { notices } from "./notices.svelte";
import { forgetDocument, recentDocuments, rememberDocument } from "./recent";
import { session } from "./session.svelte";
import type { Company, Place } from "./together/company.svelte";

/** The close code of a document that is no more, and those of no access to it; docs/protocol.md. */
const DELETED = 4404;
const NO_ACCESS: readonly number[] = [4401, 4403, DELETED];

/** What is shown of the others. */
export const loadTogether = () => whole(() => import("./together/together"));

export class OpenDocument {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText("content");
  private readonly meta = this.doc.getMap("meta");
  readonly awareness = new Awareness(this.doc);
  /** The others, once `meet` has found them. */
  company: Company | null = $state.raw(null);
  /** For what syncs beside it; the page renders the state below. */
  readonly provider: Provider;
  /** The copy on this device. */
  readonly keeping: Keeping;
  private readonly stop: (() => void)[] = [];

  connection: ConnectionState = $state.raw({ status: "connecting", attempt: 1 });
  save: SaveState = $state.raw({ unsaved: 0, storageProblem: null, status: "saved", acknowledges: null });
  hello: Hello | null = $state.raw(null);
  role: Role | null = $state(null);
  /** How much of its space the document uses, once it is almost full. */
  space: Space | null = $state.raw(null);
  title = $state("");
  kind: Kind = $state("markdown");
  /** The language of a code document as somebody chose it, for everybody; null while nobody has. */
  language: string | null = $state(null);
  /** Whether the server's copy has been here once; before that, an empty page does not mean an empty document. */
  loaded = $state(false);
  private readonly door = new Doorstep(() => this.id);
  /** Whether somebody wants to be asked anew whose attempt is still waiting for an answer. */
  private again = false;
  private taken = $state(false);
  private now = $state(Date.now());

  readonly online = $derived(this.connection.status === "synced");
  readonly refused = $derived(this.connection.status === "refused" ? this.connection : this.door.early);
  /** Why the server refuses, or lets nobody write, as far as it says more than a close code. */
  readonly why = $derived(this.door.why);
  /** Whether this is the document's owner, who may restore it. */
  readonly owned = $derived(this.door.owned);
  /** Whether the server is being asked whether it still refuses. */
  readonly asking = $derived(this.door.asking);
  readonly readOnly = $derived(this.refused !== null || (this.role !== null && !mayWrite(this.role)));
  /** Whether something was written that can't be sent, for the right to write ended. */
  readonly stranded = $derived(
    this.readOnly && this.refused === null && this.save.unsaved > 0 && !this.salvaged,
  );
  /** Whether people may delete and not insert. */
  readonly full = $derived(this.role === "trimmer" && this.refused === null);
  /** Whether the server has all that was written here. */
  readonly delivered = $derived(this.save.unsaved === 0 && this.save.status === "saved");
  /** Whether leaving now would lose something: the server does not have it, nor does this device keep it. */
  readonly unsaved = $derived(!this.delivered && this.local !== "kept" && !this.salvaged);
  /** Seconds until the next attempt; null when there is none to wait for. */
  readonly retryIn = $derived(
    this.connection.status === "offline" ? secondsUntil(this.connection.retryAt, this.now) : null,
  );

  constructor(readonly id: string) {
    const known = recentDocuments().find((document) => document.id === id);
    if (known) {
      this.title = known.title;
      this.kind = known.kind;
    }
    // What the page came with is newer.
    this.title = glimpse.title ?? this.title;
    this.kind = glimpse.kind ?? this.kind;
    if (glimpse.readOnly) this.role = "viewer";
    takeLink(id);
    this.provider = new Provider(this.doc, {
      url: socketOf(`/ws/${id}`),
      link: linkOf(id),
      awareness: this.awareness,
    });
    this.save = this.provider.saveState;
    this.keeping = new Keeping(this, this.provider);
    this.subscribe();
    this.keeping.open().then(() => this.provider.connect());
  }

  /** Whether this device keeps what is on the page. */
  get local(): CopyState {
    return this.keeping.state;
  }

  /** Whether the text of a refused document was taken elsewhere. The copy on this device has then served. */
  get salvaged(): boolean {
    return this.taken;
  }

  set salvaged(taken: boolean) {
    this.taken = taken;
    if (taken) this.keeping.clear();
  }

  private subscribe() {
    const { provider } = this;
    this.stop.push(
      provider.on("state", (state) => {
        this.now = Date.now();
        this.connection = state;
        if (state.status === "synced") {
          this.loaded = true;
          session.know();
        }
        this.atTheDoor(state);
        this.keeping.watch();
      }),
      provider.on("save", (save) => {
        this.save = save;
        this.keeping.watch();
      }),
      provider.on("role", (role) => {
        this.role = role;
        if (mayWrite(role)) this.door.why = null;
        else this.door.ask();
      }),
      provider.on("space", (space) => (this.space = space)),
      provider.on("hello", (hello) => {
        this.hello = hello;
        this.kind = parseKind(hello.kind);
        this.setTitle(hello.title);
      }),
      provider.on("error", (error) => {
        if (error.kind === "tooLarge") notices.problem(error.message);
      }),
    );
    const onMeta = (event: Y.YMapEvent<unknown>) => {
      const language = this.meta.get("language");
      this.language = typeof language === "string" ? language : null;
      const title = this.meta.get("title");
      // Hello tells the title as the catalogue has it; what arrives with the first sync may be older than that.
      if (event.keysChanged.has("title") && this.online && typeof title === "string") this.setTitle(title);
    };
    this.meta.observe(onMeta);
    this.stop.push(() => this.meta.unobserve(onMeta));

    // Somebody pastes the link of the document that is open.
    const onHash = () => {
      const link = takeLink(this.id) ? linkOf(this.id) : null;
      if (link !== null) this.authorize(link);
    };
    addEventListener("hashchange", onHash);
    this.stop.push(() => removeEventListener("hashchange", onHash));

    const clock = setInterval(() => {
      if (this.connection.status === "offline") this.now = Date.now();
    }, 500);
    this.stop.push(() => clearInterval(clock));
  }

  destroy() {
    for (const stop of this.stop) stop();
    this.keeping.close();
    this.door.stop();
    this.company?.destroy();
    this.provider.destroy();
    this.awareness.destroy();
    this.doc.destroy();
  }

  retryNow() {
    const { refused } = this;
    if (refused && NO_ACCESS.includes(refused.code)) {
      this.again = this.connection.status === "connecting";
      this.door.knockAgain(refused);
    }
    this.provider.retryNow();
  }

  /** Goes on with another link, or with what became of it when its password was given. */
  authorize(link: string) {
    this.again = this.connection.status === "connecting";
    this.door.leave();
    this.provider.authorize({ link });
  }

  introduce(user: UserState) {
    this.awareness.setLocalStateField("user", user);
  }

  /**
   * Whoever else is here at present.
   *
   * @param nameless what those without a name are called
   */
  others(nameless?: string): Person[] {
    const { clientID } = this.awareness;
    const states = [...this.awareness.getStates()].filter(([client]) => client !== clientID);
    return states.map(([client, state]) => personOf(client, state, nameless));
  }

  /** Gets to know the others. */
  async meet(place: Place) {
    const loaded = this.company ? null : await loadTogether().catch(() => null);
    if (loaded && !this.company) this.company = new loaded.Company(this, place);
  }

  /** Something was typed that a full document does not take. */
  sayFull() {
    notices.once(t.document.fullTyped);
  }

  /** Renames the document for everybody: in the catalogue first, then for those who have it open. */
  async rename(title: string): Promise<void> {
    const [before, next] = [this.title, title.trim()];
    if (next === before) return;
    this.setTitle(next);
    try {
      await renameDocument(this.id, next);
      this.meta.set("title", next);
    } catch (error) {
      this.setTitle(before);
      notices.problem(t.document.renameFailed(messageOf(error)));
    }
  }

  /** Chooses the language of a code document, for everybody; null leaves it to the title. */
  setLanguage(language: string | null) {
    if (language === null) this.meta.delete("language");
    else this.meta.set("language", language);
  }

  /** The text as this page has it, synced or not. */
  content(): string {
    return contentOf(this.text);
  }

  private async atTheDoor(state: ConnectionState) {
    if (state.status === "connecting") this.door.knock();
    else if (state.status === "offline") this.door.stop();
    else this.door.leave();
    if (state.status !== "refused") return;
    if (!NO_ACCESS.includes(state.code)) {
      this.keeping.refused(state.code, null);
      return;
    }
    if (this.again) {
      this.again = false;
      this.provider.retryNow();
      return;
    }
    await this.door.ask();
    if (state.code === DELETED && this.why !== "trashed") forgetDocument(this.id);
    this.keeping.refused(state.code, this.why);
  }

  private setTitle(title: string) {
    this.title = title.replace(/\s+/g, " ").slice(0, 300);
    rememberDocument({ id: this.id, title: this.title, kind: this.kind, opened: Date.now() });
    this.keeping.touch();
  }
}
