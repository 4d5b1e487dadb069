/**
 * Where the words of a search stand in a text. The server says it of its snippets (`src/search/snippet.rs`); titles are marked here, by
 * the same rules: words count from their beginning, without case and accents, Chinese, Japanese and Korean anywhere. Pure.
 */
type Mark = readonly [from: number, to: number];

export interface Part {
  text: string;
  marked: boolean;
}

const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー々]+/gu;

export function marksIn(text: string, query: string): Mark[] {
  const words = wordsOf(query);
  const letters = [...text].map((letter) => ({ folded: folded(letter), length: letter.length }));
  const marks: Mark[] = [];
  let offset = 0;
  let begins = true;
  for (let at = 0; at < letters.length; at++) {
    const last = marks.at(-1);
    const from = offset;
    const isFree = last === undefined || last[1] <= from;
    const lengths = words
      .filter(({ anywhere }) => anywhere || begins)
      .map(({ letters: wanted }) => lengthAt(letters, at, wanted));
    const length = Math.max(0, ...lengths);
    if (isFree && length > 0) marks.push([from, from + length]);
    begins = !isOfWord(letters[at]?.folded ?? "");
    offset += letters[at]?.length ?? 0;
  }
  return marks;
}

/** A line without what Markdown begins it with: a heading's hashes say nothing here. */
export function withoutPrefix(text: string, marks: readonly Mark[]): { text: string; marks: Mark[] } {
  const prefix = /^(?:[#>*-]+ +)+/.exec(text)?.[0].length ?? 0;
  const shifted = marks.map(([from, to]): Mark => [from - prefix, to - prefix]);
  return { text: text.slice(prefix), marks: shifted.filter(([from]) => from >= 0) };
}

/** A text in pieces, marked and not. Marks that make no sense mark nothing. */
export function partsOf(text: string, marks: readonly Mark[]): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const [from, to] of marks) {
    if (from < end || to <= from || to > text.length) continue;
    if (from > end) parts.push({ text: text.slice(end, from), marked: false });
    parts.push({ text: text.slice(from, to), marked: true });
    end = to;
  }
  if (end < text.length) parts.push({ text: text.slice(end), marked: false });
  return parts;
}

interface Word {
  letters: string;
  anywhere: boolean;
}

function wordsOf(query: string): Word[] {
  return (query.normalize("NFKC").match(WORDS) ?? []).flatMap((run) => {
    const unspaced = run.match(UNSPACED) ?? [];
    const spaced = run.split(UNSPACED).filter((word) => word !== "");
    return [
      ...unspaced.map((letters) => ({ letters: folded(letters), anywhere: true })),
      ...spaced.map((letters) => ({ letters: folded(letters), anywhere: false })),
    ];
  });
}

/** How many code units of the text make up the word, if it begins there; 0 if it does not. */
function lengthAt(text: readonly { folded: string; length: number }[], at: number, wanted: string): number {
  let rest = wanted;
  let length = 0;
  for (let next = at; next < text.length && rest !== ""; next++) {
    const letter = text[next];
    if (!letter || !rest.startsWith(letter.folded)) return 0;
    rest = rest.slice(letter.folded.length);
    length += letter.length;
  }
  return rest === "" ? length : 0;
}

function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase();
}

function isOfWord(letter: string): boolean {
  return letter === "" || /[\p{L}\p{N}\p{M}]/u.test(letter);
}
