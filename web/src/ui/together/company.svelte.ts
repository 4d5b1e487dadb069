/** The others as state for the page to render, and what their reader wants of them: to be where they are. */
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { personOf } from "../../editor";
import { Attendance, type Companion } from "../../editor/attendance";
import { jumpTo, type Stage } from "../../editor/follow";
import { t } from "../../i18n";
import { Neighbours } from "../../sync/local/neighbours";
import type { OpenDocument } from "../document.svelte";
import { localStore } from "../local";
import { notices } from "../notices.svelte";
import { session } from "../session.svelte";

/** People come and go in bursts (a reconnect brings everybody at once); the page needs to know this often. */
const INTERVAL_MS = 100;

interface AwarenessChange {
  added: number[];
  updated: number[];
  removed: number[];
}

/** The page, as far as it matters where people are. */
export interface Place {
  /** What the text is shown on. */
  stage: () => Stage | undefined;
  /** Shows the source, where carets are. */
  showSource: () => void;
}

export class Company {
  /** Whoever did something last first. */
  people: readonly Companion[] = $state.raw([]);
  /** The key of who is followed. */
  followed: string | null = $state(null);

  private readonly attendance = new Attendance();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = Number.POSITIVE_INFINITY;

  private readonly doc: Y.Doc;
  private readonly awareness: Awareness;
  private readonly document: OpenDocument;
  /** The reader's other tabs, while the server does not tell of them. */
  private neighbours: Neighbours | null = null;
  private readonly listeners = new AbortController();

  constructor(
    document: OpenDocument,
    readonly place: Place,
  ) {
    this.document = document;
    this.doc = document.doc;
    this.awareness = document.awareness;
    this.awareness.on("change", this.onAwareness);
    this.doc.on("afterTransaction", this.onTransaction);
    this.look();
    session.know().then(() => {
      // Only now is it known which of the others is this reader, elsewhere.
      this.lookBy(Date.now());
      this.meetNeighbours(document);
    });
  }

  destroy() {
    this.listeners.abort();
    this.neighbours?.close();
    clearTimeout(this.timer);
    this.awareness.off("change", this.onAwareness);
    this.doc.off("afterTransaction", this.onTransaction);
  }

  /** Goes to where somebody is. */
  jump({ key, name, clients }: Companion) {
    if (this.followed !== key) this.followed = null;
    this.place.showSource();
    const stage = this.place.stage();
    if (!stage || !jumpTo(stage, clients)) notices.info(t.presence.noCursor(name));
  }

  /** Follows somebody, or lets go of whom is followed. */
  follow({ key }: Companion) {
    this.followed = this.followed === key ? null : key;
  }

  private meetNeighbours({ id, provider, keeping: { user } }: OpenDocument) {
    const { signal } = this.listeners;
    if (user === null || signal.aborted) return;
    this.neighbours = new Neighbours(provider, { store: localStore(), user, id });
    addEventListener("pagehide", () => this.neighbours?.leave(), { signal });
  }

  private readonly onAwareness = ({ added, updated, removed }: AwarenessChange) => {
    const now = Date.now();
    for (const client of [...added, ...updated]) this.attendance.moved(client, now);
    for (const client of removed) this.attendance.left(client);
    this.lookBy(now + INTERVAL_MS);
  };

  private readonly onTransaction = ({ local, beforeState, afterState }: Y.Transaction) => {
    if (local) return;
    const now = Date.now();
    for (const client of this.awareness.getStates().keys()) {
      if ((afterState.get(client) ?? 0) <= (beforeState.get(client) ?? 0)) continue;
      this.attendance.wrote(client, now);
      this.lookBy(now + INTERVAL_MS);
    }
  };

  /** Whom the server says that the reader is; where it knows nobody, whoever has the other tabs. */
  private you(): string {
    const user = { identity: "account", id: this.document.hello?.person, name: session.name };
    return (session.name !== null && personOf(0, { user }).who) || "you";
  }

  private lookBy(at: number) {
    if (at >= this.due) return;
    clearTimeout(this.timer);
    this.due = at;
    this.timer = setTimeout(this.look, at - Date.now());
  }

  private readonly look = () => {
    this.due = Number.POSITIVE_INFINITY;
    const you = this.you();
    const others = this.document
      .others(t.presence.anonymous)
      .map((person) => (this.neighbours?.has(person.client) ? { ...person, who: you } : person));
    const [people, until] = this.attendance.look(others, Date.now(), ({ who }) => who === you);
    // A caret that moved changes nothing here.
    if (JSON.stringify(people) !== JSON.stringify(this.people)) this.people = people;
    if (until !== Number.POSITIVE_INFINITY) this.lookBy(until);
  };
}
