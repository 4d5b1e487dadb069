/** Tags as the server takes them (`src/store/tags.rs`): one line each, of so many characters, so many of them. Pure. */
import { LIMITS } from "../../service";

export type TagProblem = "long" | "many";

/** The characters that end a tag while it is typed, whatever keyboard they come from. */
export const SEPARATORS = /[,，、;；\n]/;

/**
 * The tags with one more. What is known already in another spelling is spelled like there: "Work" beside "work" would be two.
 *
 * @param typed one tag, or several with commas between them
 */
export function withTags(
  tags: readonly string[],
  typed: string,
  known: readonly string[],
): { tags: string[]; problem: TagProblem | null } {
  const next = [...tags];
  for (const given of typed.split(SEPARATORS)) {
    const tag = spelled(given, [...next, ...known]);
    if (tag === "" || next.includes(tag)) continue;
    if ([...tag].length > LIMITS.tag) return { tags: [...tags], problem: "long" };
    next.push(tag);
  }
  return next.length > LIMITS.tags ? { tags: [...tags], problem: "many" } : { tags: next, problem: null };
}

/** Known tags that may be meant, the most used first. */
export function suggestions(tags: readonly string[], typed: string, known: readonly string[]): string[] {
  const begun = typed.trim().toLowerCase();
  return known.filter((tag) => !tags.includes(tag) && tag.toLowerCase().includes(begun)).slice(0, 12);
}

/** All tags of some documents, the most used first. */
export function tagsOf(documents: Iterable<{ tags: readonly string[] }>): string[] {
  const uses = new Map<string, number>();
  for (const { tags } of documents) for (const tag of tags) uses.set(tag, (uses.get(tag) ?? 0) + 1);
  return [...uses].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([tag]) => tag);
}

function spelled(given: string, known: readonly string[]): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the server takes none in a tag
  const tag = given.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").trim();
  return known.find((other) => other.toLowerCase() === tag.toLowerCase()) ?? tag;
}
