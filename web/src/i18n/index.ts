/**
 * The words of the interface, in the reader's language. `t` is complete before the first component is made and never changes: another
 * language is another page load. Dates and numbers are the browser's `Intl`, with `language`.
 */
import type { Dictionary } from "./en";

export type { Dictionary };

/** What the interface is written in, each with the name that its readers know it by. */
export const LANGUAGES = { en: "English", "zh-CN": "简体中文" } as const;

export type Language = keyof typeof LANGUAGES;

const DICTIONARIES: Record<Language, () => Promise<Dictionary>> = {
  en: async () => (await import("./en")).en,
  "zh-CN": async () => (await import("./zh")).zh,
};

/** The words. Read it when something is rendered and not when a module is loaded: it is not there yet then. */
export let t: Dictionary;

/** What `t` and `Intl` speak. */
export let language: Language = "en";

/** Has to be done before anything is rendered. */
export async function speak(chosen: Language): Promise<void> {
  t = await DICTIONARIES[chosen]();
  language = chosen;
}

/**
 * The first of the reader's languages that there is; English for whoever reads none of them.
 *
 * @param wanted BCP 47 tags, the dearest first
 */
export function languageFor(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    // Traditional characters are another dictionary, which its readers would rather have in Simplified than in English.
    if (/^zh\b/i.test(tag)) return "zh-CN";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}
