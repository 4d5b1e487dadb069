/** The documents that the start page shows: a list, what a search found, or the trash; and what is done with them. */
import {
  type DocumentInfo,
  type DocumentPage,
  type FoundDocument,
  listDocuments,
  listTags,
  type Snippet,
  searchDocuments,
} from "../../service";
import { explain, isUnreached } from "../problems";
import { homePath } from "../router";
import { session } from "../session.svelte";
import { Latest } from "./latest";
import { tagsOf } from "./tags";
import { ALL, isSame, isSearch, queryOf, searchOf, type View, viewOf } from "./view";

export type Listed = DocumentInfo & { snippet?: Snippet };

/** What is on the page: it stays until the next answer is there, so that nothing flickers while one types. */
export interface Shown {
  view: View;
  documents: readonly Listed[];
  /** Where the next page starts; null at the end. */
  next: string | null;
  indexing: boolean;
}

export interface Failure {
  /** Whether there was no answer at all. */
  unreached: boolean;
  text: string;
  retry: () => void;
}

/** Typing is over for a moment; an answer is there before one has looked up. */
const TYPED_MS = 140;

export class Library {
  /** What is wanted. */
  view: View = $state.raw(viewOf(location.search));
  /** What is there of it; null before the first answer. */
  shown: Shown | null = $state.raw(null);
  loading = $state(true);
  failure: Failure | null = $state.raw(null);
  /** Everything that was on the page. */
  private seen: ReadonlyMap<string, DocumentInfo> = $state.raw(new Map());
  /** The tags of all documents; null where the server has not said. */
  private listed: readonly string[] | null = $state.raw(null);
  /** What documents can be filtered by, the most used first: where there is no list, the tags of what was on the page. */
  readonly tags = $derived(this.listed ?? tagsOf(this.seen.values()));

  private readonly latest = new Latest();
  private readonly latestTags = new Latest();
  private timer: ReturnType<typeof setTimeout> | undefined;

  destroy() {
    clearTimeout(this.timer);
    this.latest.drop();
    this.latestTags.drop();
  }

  /** What a document that was on the page is called. */
  titleOf(id: string): string | undefined {
    return this.seen.get(id)?.title;
  }

  /** Goes somewhere else in the list, which "back" returns from. */
  go(change: Partial<View>) {
    this.change(change, "pushState");
    this.load();
  }

  /** Looks for what was typed so far. The whole search is one step back. */
  type(query: string) {
    const begins = !isSearch(this.view);
    this.change({ query: queryOf(query) }, begins ? "pushState" : "replaceState");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), isSearch(this.view) ? TYPED_MS : 0);
  }

  /** Somebody went back or forth. */
  visit() {
    this.view = viewOf(location.search);
    this.load();
  }

  /** Asks anew for what is wanted. */
  async load() {
    clearTimeout(this.timer);
    const { view } = this;
    // While one types, tags stay as they are.
    if (this.listed === null || !isSearch(view)) this.askForTags();
    await this.ask(view, null, () => this.load());
  }

  /** Asks for the next page. */
  async more() {
    const cursor = this.shown?.next;
    if (cursor) await this.ask(this.view, cursor, () => this.more());
  }

  /** Something changed on a document that is on the page. */
  update(document: DocumentInfo) {
    const { shown } = this;
    if (!shown) return;
    const documents = shown.documents.map((old) => (old.id === document.id ? { ...old, ...document } : old));
    const before = this.seen.get(document.id)?.tags ?? [];
    this.shown = { ...shown, documents };
    this.see([document]);
    if (before.join("\n") !== document.tags.join("\n")) this.askForTags();
  }

  /** A document is no longer part of what is shown. */
  drop(id: string) {
    const { shown } = this;
    if (shown) this.shown = { ...shown, documents: shown.documents.filter((document) => document.id !== id) };
    this.seen = new Map([...this.seen].filter(([known]) => known !== id));
    this.askForTags();
  }

  private change(change: Partial<View>, how: "pushState" | "replaceState") {
    const next = { ...this.view, ...change };
    if (!isSame(next, this.view)) history[how](null, "", homePath() + searchOf(next));
    this.view = next;
  }

  private async ask(view: View, cursor: string | null, retry: () => void) {
    this.loading = true;
    try {
      const asked = await this.latest.ask((signal) => fetchPage(view, cursor, signal));
      if (asked === null) return;
      const { answer } = asked;
      const before = cursor === null ? [] : (this.shown?.documents ?? []);
      const known = new Set(before.map(({ id }) => id));
      // One that moved in the list between two pages may come twice.
      const documents = [...before, ...answer.documents.filter(({ id }) => !known.has(id))];
      this.shown = { ...answer, view, documents };
      this.failure = null;
      this.see(answer.documents);
    } catch (error) {
      if (this.shown === null || !isSame(this.shown.view, view)) {
        this.shown = { view, documents: [], next: null, indexing: false };
      }
      this.failure = { unreached: isUnreached(error), text: explain(error), retry };
      // Who this is may be unknown for the same reason.
      session.know();
    }
    this.loading = false;
  }

  /** Nobody is told if there is no answer: a filter that lacks a tag is worth no alarm, and the list itself says what is wrong. */
  private async askForTags() {
    try {
      const asked = await this.latestTags.ask(listTags);
      if (asked) this.listed = asked.answer;
    } catch {
      this.listed = null;
    }
  }

  private see(documents: readonly DocumentInfo[]) {
    const seen = new Map(this.seen);
    for (const document of documents) if (document.trashed === null) seen.set(document.id, document);
    this.seen = seen;
  }
}

async function fetchPage(
  view: View,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Omit<Shown, "view">> {
  if (!isSearch(view)) {
    const { tag, trash } = view;
    // The trash has an order of its own: the last deleted first would be best, and the server's is the nearest to it.
    const sort = trash ? ALL.sort : view.sort;
    return {
      ...(await listDocuments({ tag: trash ? null : tag, trash, sort, cursor }, signal)),
      indexing: false,
    };
  }
  const found = await searchDocuments(view.query.trim(), cursor, signal);
  return { ...found, documents: tagged(found, view.tag) };
}

/** The server looks for words in all documents; of what it finds one may want those with a tag only. */
function tagged({ documents }: DocumentPage<FoundDocument>, tag: string | null): FoundDocument[] {
  return tag === null ? documents : documents.filter(({ tags }) => tags.includes(tag));
}
