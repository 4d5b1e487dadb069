/** Which of the palette's entries are shown, and in which order. Pure. */
import type { Entry, Group } from "./entries";
import { type Match, match } from "./match";

export interface Shown {
  readonly entry: Entry;
  readonly marks: Match["marks"];
}

export interface Section {
  /** Null for what was found: there the best comes first, whatever it is. */
  readonly group: Group | null;
  readonly shown: readonly Shown[];
}

/** More than this nobody reads; another letter says more. */
const FOUND_AT_ONCE = 40;
/** What is found by other words than its name comes after what is found by its name. */
const ALSO_COSTS = 6;
/** What one used of late is more likely to be meant again. */
const RECENT_GAINS = 4;

export const ORDER: readonly Group[] = [
  "document",
  "format",
  "view",
  "people",
  "documents",
  "settings",
  "app",
];

/** Before anything is typed: what was used last, and then everything by its group. */
export function everything(entries: readonly Entry[], recent: readonly string[]): Section[] {
  const used = recent
    .map((id) => entries.find((entry) => entry.id === id))
    .filter((entry) => entry !== undefined);
  const others = entries.filter((entry) => !used.includes(entry));
  const section = (group: Group, entries: readonly Entry[]): Section => ({
    group,
    shown: entries.map((entry) => ({ entry, marks: [] })),
  });
  return [
    section("recent", used),
    ...ORDER.map((group) =>
      section(
        group,
        others.filter((entry) => entry.group === group),
      ),
    ),
  ].filter(({ shown }) => shown.length > 0);
}

/** What fits the query, the best first. Of equals the earlier stays first. */
export function find(query: string, entries: readonly Entry[], recent: readonly string[]): Shown[] {
  const found: (Shown & { score: number })[] = [];
  for (const entry of entries) {
    const named = match(query, entry.name);
    const known = named ?? (entry.also ? match(query, entry.also) : null);
    if (known === null) continue;
    const score = known.score - (named ? 0 : ALSO_COSTS) + (recent.includes(entry.id) ? RECENT_GAINS : 0);
    found.push({ entry, marks: named?.marks ?? [], score });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, FOUND_AT_ONCE);
}
