/** What the start page shows, as its address says it: `?q=…&tag=…&sort=…&trash`. Links to it can be shared, and "back" works. Pure. */
import { LIMITS, type Sort } from "../../service";

export interface View {
  /** What is looked for; empty where the documents are listed. */
  query: string;
  tag: string | null;
  sort: Sort;
  trash: boolean;
}

export const ALL: View = { query: "", tag: null, sort: "updated", trash: false };

const SORTS: readonly string[] = ["updated", "created", "title"] satisfies Sort[];

/** @param search of the address, with its question mark */
export function viewOf(search: string): View {
  const asked = new URLSearchParams(search);
  return {
    query: queryOf(asked.get("q") ?? ""),
    tag: asked.get("tag")?.trim() || null,
    sort: parseSort(asked.get("sort")),
    trash: asked.has("trash"),
  };
}

/** The other way around: empty for what the page shows by itself. */
export function searchOf({ query, tag, sort, trash }: View): string {
  const asked = new URLSearchParams();
  if (query.trim() !== "") asked.set("q", query);
  if (tag !== null) asked.set("tag", tag);
  if (sort !== ALL.sort) asked.set("sort", sort);
  if (trash) asked.set("trash", "1");
  const search = asked.toString();
  return search === "" ? "" : `?${search}`;
}

/** What was typed, cut to what the server takes: never in the middle of a character. */
export function queryOf(typed: string): string {
  return typed.length <= LIMITS.query ? typed : [...typed].slice(0, LIMITS.query).join("");
}

export function parseSort(value: unknown): Sort {
  return typeof value === "string" && SORTS.includes(value) ? (value as Sort) : ALL.sort;
}

/** Whether something is looked for: blanks are nothing. */
export function isSearch({ query }: View): boolean {
  return query.trim() !== "";
}

export function isSame(one: View, other: View): boolean {
  return searchOf(one) === searchOf(other);
}
