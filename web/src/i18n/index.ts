/**
 * The words of the interface, in the reader's language. `t` is there before the first component is made and never changes: another
 * language is another page load. Dates and numbers are the browser's `Intl`, with `language`.
 *
 * What the page of a document needs at once comes first, and the rest with whatever needs it: such parts are loaded through `whole`.
 */
import type { first } from "./en";
import type { rest } from "./en-rest";
import type { Language } from "./language";

export type { Language } from "./language";

export type First = typeof first;
export type Rest = typeof rest;
export type Dictionary = First & Rest;

const FIRST: Record<Language, () => Promise<First>> = {
  en: async () => (await import("./en")).first,
  "zh-CN": async () => (await import("./zh")).first,
};

const REST: Record<Language, () => Promise<Rest>> = {
  en: async () => (await import("./en-rest")).rest,
  "zh-CN": async () => (await import("./zh-rest")).rest,
};

/** The words. Read them when something is rendered and not when a module is loaded: they are not there yet then. */
export let t: Dictionary;

/** What `t` and `Intl` speak. */
export let language: Language = "en";

let wanted: Promise<unknown> | null = null;

/** Has to be done before anything is rendered. */
export async function speak(chosen: Language): Promise<void> {
  t = { ...(await FIRST[chosen]()) } as Dictionary;
  language = chosen;
  wanted = null;
}

/** Loads a part of the app that is not there from the beginning, and the words that it may need. */
export async function whole<Part>(load: () => Promise<Part>): Promise<Part> {
  wanted ??= REST[language]().then((words) => Object.assign(t, words));
  // Who tries again after a failure asks for the words again too.
  const words = wanted.catch((error) => {
    wanted = null;
    throw error;
  });
  const [part] = await Promise.all([load(), words]);
  return part;
}
