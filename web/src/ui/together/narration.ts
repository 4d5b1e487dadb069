/**
 * What is worth saying to somebody who does not see the page: who came and went, and what the connection does. Pure: it is told what
 * is the case and when, and returns what to say. Everything waits for a moment, so that what was over at once is not said at all.
 */

/** What the page shows. */
export interface Sight {
  /** The connection: being made, there, not there, or refused for good. */
  status: "connecting" | "synced" | "offline" | "refused";
  /** Whether everything that was written is durable. */
  saved: boolean;
  /** Whether the server says that it can store nothing; a banner tells of it. */
  storageProblem: boolean;
  /** The names of who is here, by what stays the same of them. */
  people: ReadonlyMap<string, string>;
}

/** What to say; the words are the page's. */
export type Remark =
  | { say: "joined" | "left"; names: string[] }
  | { say: "offline" | "refused" | "back" | "backSaved" | "allSaved" };

/** People come and go in bursts. */
export const PEOPLE_MS = 1500;
/** A connection that is lost and found within this is nobody's concern. */
export const LASTS_MS = 1200;
/** With a connection the others are heard of, one after another; that is no coming. */
export const GREETING_MS = 3000;
/** After coming back, saving is waited for so long before it is said without it. */
export const SAVING_MS = 3000;

export class Narration {
  private online = false;
  /** Since when that is so. */
  private since: number | null = null;
  /** Whether it was said that the connection is gone. */
  private saidGone = false;
  /** Whether it is to be said when everything is saved. */
  private owesSaved = false;
  /** Who was here when that was last told; null while nobody is known to be here. */
  private known: ReadonlyMap<string, string> | null = null;
  private changedAt: number | null = null;

  /** What to say now. To be asked after each change, and after `again_ms` if nothing changes until then. */
  hear(sight: Sight, now: number): { remarks: Remark[]; again_ms: number | null } {
    const online = sight.status === "synced";
    if (this.since === null || online !== this.online) {
      this.online = online;
      this.since = now;
      this.known = null;
    }
    const remarks: Remark[] = [];
    const waits = [
      this.connection(sight, now - this.since, remarks),
      online ? this.people(sight.people, now, now - this.since, remarks) : null,
    ].filter((wait) => wait !== null);
    return { remarks, again_ms: waits.length > 0 ? Math.min(...waits) : null };
  }

  private connection(
    { status, saved, storageProblem }: Sight,
    lasted: number,
    remarks: Remark[],
  ): number | null {
    if (status === "refused") {
      if (!this.saidGone) remarks.push({ say: "refused" });
      this.saidGone = true;
    } else if (status !== "synced" && !this.saidGone) {
      if (lasted < LASTS_MS) return LASTS_MS - lasted;
      // While it is being made for the first time there is nothing that was lost.
      if (status === "connecting") return null;
      remarks.push({ say: "offline" });
      this.saidGone = true;
    } else if (status === "synced" && this.saidGone) {
      if (lasted < LASTS_MS) return LASTS_MS - lasted;
      if (!saved && lasted < SAVING_MS) return SAVING_MS - lasted;
      remarks.push({ say: saved ? "backSaved" : "back" });
      this.saidGone = false;
      this.owesSaved = !saved;
    } else if (status === "synced") {
      if (storageProblem) this.owesSaved = true;
      else if (saved && this.owesSaved) {
        remarks.push({ say: "allSaved" });
        this.owesSaved = false;
      }
    }
    return null;
  }

  private people(
    here: ReadonlyMap<string, string>,
    now: number,
    online_ms: number,
    remarks: Remark[],
  ): number | null {
    const known = online_ms < GREETING_MS || this.known === null ? here : this.known;
    this.known = known;
    const joined = [...here].filter(([key]) => !known.has(key));
    const left = [...known].filter(([key]) => !here.has(key));
    if (joined.length + left.length === 0) {
      this.changedAt = null;
      return null;
    }
    this.changedAt ??= now;
    const waits = this.changedAt + PEOPLE_MS - now;
    if (waits > 0) return waits;
    // Who loads the page anew leaves and joins.
    const without = (some: [string, string][], others: [string, string][]) =>
      some.map(([, name]) => name).filter((name) => !others.some(([, other]) => other === name));
    const [came, went] = [without(joined, left), without(left, joined)];
    if (came.length > 0) remarks.push({ say: "joined", names: came });
    if (went.length > 0) remarks.push({ say: "left", names: went });
    this.known = here;
    this.changedAt = null;
    return null;
  }
}
