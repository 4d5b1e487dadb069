/**
 * How well what somebody types fits a name. Pure. Every word of the query has to be found: best as it is, at the beginning of the name
 * or of one of its words; otherwise as letters in this order ("togtb" finds "Toggle toolbar"). Characters of Chinese, Japanese and
 * Korean stand for words.
 */

export interface Match {
  /** The higher, the better; comparable between names for one query. */
  score: number;
  /** What was found where, as `[from, to)` of the name's UTF-16 units, in order and apart from each other. */
  marks: [from: number, to: number][];
}

/** One character of a name, without case and accents. */
interface Letter {
  fold: string;
  from: number;
  to: number;
  /** Whether a word begins with it. */
  begins: boolean;
}

const NAME_BEGINS = 8;
const WORD_BEGINS = 5;
const FOLLOWS = 4;
const FOUND = 1;
/** For a word of the query that stands in the name as it is. */
const AS_IT_IS = 12;
/** Of two names that are as good, the shorter one says more of what is meant. */
const LENGTH_COSTS = 0.02;

/** Null when the name does not fit. An empty query fits everything equally well. */
export function match(query: string, name: string): Match | null {
  const words = query.trim().split(/\s+/u).filter(Boolean);
  const letters = lettersOf(name);
  let score = words.length > 0 ? -LENGTH_COSTS * letters.length : 0;
  const found = new Set<number>();
  for (const word of words) {
    const wanted = [...word].map(fold).join("");
    const best = literal([...wanted], letters) ?? scattered([...wanted], letters);
    if (best === null) return null;
    score += best.score;
    for (const at of best.at) found.add(at);
  }
  return { score, marks: marksOf(letters, found) };
}

interface Found {
  score: number;
  /** Which letters of the name. */
  at: number[];
}

/** The word as it is, at the best of its places. */
function literal(wanted: readonly string[], letters: readonly Letter[]): Found | null {
  let best: Found | null = null;
  for (let start = 0; start + wanted.length <= letters.length; start++) {
    if (!wanted.every((char, n) => letters[start + n]?.fold === char)) continue;
    const score = AS_IT_IS + placeScore(letters, start) + FOLLOWS * (wanted.length - 1);
    if (best === null || score > best.score) best = { score, at: wanted.map((_, n) => start + n) };
  }
  return best;
}

/** The word's letters in their order. Those that begin words and those that stand together count for more. */
function scattered(wanted: readonly string[], letters: readonly Letter[]): Found | null {
  // The best way to have the first n letters of the word, the last of them at each place.
  let ways: (Found | null)[] = [];
  for (const [n, char] of wanted.entries()) {
    let before: Found | null = null;
    ways = letters.map((letter, place) => {
      const adjacent = ways[place - 1] ?? null;
      // What ended before the letter just before this one.
      const earlier = place >= 2 ? (ways[place - 2] ?? null) : null;
      if (earlier && (before === null || earlier.score > before.score)) before = earlier;
      if (letter.fold !== char) return null;
      const own = placeScore(letters, place);
      if (n === 0) return { score: own, at: [place] };
      const options: Found[] = [];
      if (adjacent)
        options.push({ score: adjacent.score + Math.max(own, FOLLOWS), at: [...adjacent.at, place] });
      if (before) options.push({ score: before.score + own, at: [...before.at, place] });
      return options.sort((a, b) => b.score - a.score)[0] ?? null;
    });
  }
  const ends = ways.filter((way) => way !== null);
  const best = ends.sort((a, b) => b.score - a.score)[0] ?? null;
  // Letters from all over a long name are chance: more than half of them have to begin something or stand together.
  return best && isMeant(best.at, letters) ? best : null;
}

function isMeant(at: readonly number[], letters: readonly Letter[]): boolean {
  const meant = at.filter((place, n) => letters[place]?.begins || (n > 0 && at[n - 1] === place - 1));
  return meant.length * 2 > at.length;
}

function placeScore(letters: readonly Letter[], place: number): number {
  if (place === 0) return NAME_BEGINS;
  return letters[place]?.begins ? WORD_BEGINS : FOUND;
}

function lettersOf(name: string): Letter[] {
  const letters: Letter[] = [];
  let from = 0;
  let before = "";
  for (const char of name) {
    const to = from + char.length;
    letters.push({ fold: fold(char), from, to, begins: beginsWord(before, char) });
    [from, before] = [to, char];
  }
  return letters;
}

const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const LETTER = /[\p{L}\p{N}]/u;

function beginsWord(before: string, char: string): boolean {
  if (IDEOGRAPH.test(char)) return true;
  if (!LETTER.test(char)) return false;
  // "camelCase" has two words.
  return !LETTER.test(before) || IDEOGRAPH.test(before) || (/\p{Ll}/u.test(before) && /\p{Lu}/u.test(char));
}

/** Without case, accents and width; always of one character or none, so that places stay what they are. */
function fold(char: string): string {
  const plain = char.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return [...plain][0] ?? char;
}

function marksOf(letters: readonly Letter[], found: ReadonlySet<number>): Match["marks"] {
  const marks: Match["marks"] = [];
  for (const place of [...found].sort((a, b) => a - b)) {
    const letter = letters[place];
    if (!letter) continue;
    const last = marks.at(-1);
    if (last && last[1] === letter.from) last[1] = letter.to;
    else marks.push([letter.from, letter.to]);
  }
  return marks;
}
