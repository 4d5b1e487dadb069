/** Which languages the interface has, apart from their words: what runs before the first paint chooses too. */

/** What the interface is written in, each with the name that its readers know it by. */
export const LANGUAGES = { en: "English", "zh-CN": "简体中文" } as const;

export type Language = keyof typeof LANGUAGES;

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
