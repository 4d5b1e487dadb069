/** The others as state for the page to render. */
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { Attendance, type Companion, personOf } from "../editor";
import { t } from "../i18n";
import { session } from "./session.svelte";

/** People come and go in bursts (a reconnect brings everybody at once); the page needs to know this often. */
const INTERVAL_MS = 100;

interface AwarenessChange {
  added: number[];
  updated: number[];
  removed: number[];
}

export class Company {
  /** Whoever did something last first. */
  people: readonly Companion[] = $state.raw([]);

  private readonly attendance = new Attendance();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = Number.POSITIVE_INFINITY;

  constructor(
    private readonly doc: Y.Doc,
    private readonly awareness: Awareness,
  ) {
    awareness.on("change", this.onAwareness);
    doc.on("afterTransaction", this.onTransaction);
  }

  destroy() {
    clearTimeout(this.timer);
    this.awareness.off("change", this.onAwareness);
    this.doc.off("afterTransaction", this.onTransaction);
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

  private lookBy(at: number) {
    if (at >= this.due) return;
    clearTimeout(this.timer);
    this.due = at;
    this.timer = setTimeout(this.look, at - Date.now());
  }

  private readonly look = () => {
    this.due = Number.POSITIVE_INFINITY;
    const { clientID } = this.awareness;
    const others = [...this.awareness.getStates()]
      .filter(([client]) => client !== clientID)
      .map(([client, state]) => personOf(client, state, t.presence.anonymous));
    const [people, until] = this.attendance.look(
      others,
      Date.now(),
      ({ known, name }) => known && name === session.name,
    );
    // A caret that moved changes nothing here.
    if (JSON.stringify(people) !== JSON.stringify(this.people)) this.people = people;
    if (until !== Number.POSITIVE_INFINITY) this.lookBy(until);
  };
}
