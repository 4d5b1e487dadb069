/**
 * Words and characters of a text. The editor's text is a tree of which an edit changes one leaf, a few dozen lines: what was counted is
 * kept by leaf, so that counting again costs one leaf and not the document.
 */
import type { Text } from "@codemirror/state";

export interface Counts {
  /** Han characters, kana and Hangul syllables are words each: there are no spaces to go by. */
  words: number;
  /** What people take for one character, spaces included and line breaks not. */
  characters: number;
}

const kept = new WeakMap<Text, Counts>();

/**
 * Counts a text, or a part of it until `now()` has reached `until`; what was counted is kept for the next call.
 *
 * @returns null when the time was over
 */
export function count(
  text: Text,
  until = Number.POSITIVE_INFINITY,
  now = () => performance.now(),
): Counts | null {
  const known = kept.get(text);
  if (known) return known;
  const sum: Counts = { words: 0, characters: 0 };
  if (text.children) {
    for (const child of text.children) {
      const part = count(child, until, now);
      if (!part) return null;
      sum.words += part.words;
      sum.characters += part.characters;
    }
  } else {
    if (now() >= until) return null;
    for (const line of text.iterLines()) {
      sum.words += wordsOf(line);
      sum.characters += charactersOf(line);
    }
  }
  kept.set(text, sum);
  return sum;
}

/**
 * A character of a script without spaces; or letters and digits, with what joins them: an apostrophe or a hyphen between two, the
 * point or comma of a number.
 */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{N}_])(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{N}\p{M}_]|['’.,-](?=[\p{L}\p{N}]))*/gu;

export function wordsOf(line: string): number {
  return line.match(WORD)?.length ?? 0;
}

/** Longer lines are nobody's prose: a rule does for them, and costs less than the browser's own. */
const MAX_SEGMENTED = 4_096;

const PLAIN =
  /^[\u0020-\u02ff\u0370-\u0482\u048a-\u052f\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uac00-\ud7a3\uff00-\uffef\t]*$/;
const EXTENDING = /\p{M}|\u200d.|[\u{1f3fb}-\u{1f3ff}]/gu;

let segmenter: Intl.Segmenter | null = null;

export function charactersOf(line: string): number {
  if (PLAIN.test(line)) return line.length;
  if (line.length > MAX_SEGMENTED || !("Segmenter" in Intl)) return [...line.replace(EXTENDING, "")].length;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let sum = 0;
  for (const _ of segmenter.segment(line)) sum++;
  return sum;
}
