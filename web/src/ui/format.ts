/** Values as people read them, in the page's language. Pure: the present is an argument. */
import { language, t } from "../i18n";
import { lazily, numerals } from "../i18n/intl";

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["week", 7 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** One for all rows of a list. */
const relative = new Map<string, Intl.RelativeTimeFormat>();
const written = lazily(() => numerals(language));
const exact = lazily(() => new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" }));

/** "5 minutes ago", in the reader's language; a moment ago is "now". */
export function relativeTime(then_ms: number, now_ms: number, locale: string = language): string {
  const format = relative.get(locale) ?? new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  relative.set(locale, format);
  // A clock a little ahead of ours is no reason to speak of the future.
  const past_ms = Math.max(0, now_ms - then_ms);
  for (const [unit, size_ms] of STEPS) {
    if (past_ms >= size_ms) return format.format(-Math.floor(past_ms / size_ms), unit);
  }
  return format.format(0, "second");
}

/** "1,000". */
export function numeral(n: number): string {
  return written()(n);
}

/** "Monday, May 4, 2026 at 12:00 PM". */
export function exactTime(at_ms: number): string {
  return exact().format(at_ms);
}

/** "92% of 64 MB". Never rounded up: 100% is full. */
export function spaceUsed({ used, limit }: { used: number; limit: number }): string {
  const [unit, bytes] = limit < 1024 * 1024 ? ["KB", 1024] : ["MB", 1024 * 1024];
  const percent = Math.floor((used / limit) * 100) / 100;
  return t.document.spaceUsed(
    percent.toLocaleString(language, { style: "percent" }),
    `${numeral(Math.round(limit / bytes))} ${unit}`,
  );
}

/** Whole seconds until a moment, never negative, never endless. */
export function secondsUntil(at_ms: number, now_ms: number): number | null {
  return Number.isFinite(at_ms) ? Math.max(0, Math.ceil((at_ms - now_ms) / 1000)) : null;
}

/** A file name for a title, on any system. */
export function fileName(title: string, extension: string): string {
  const base = title
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters have no place in file names
    .replace(/[\u0000-\u001f\u007f"*/:<>?\\|]+/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^[.\s]+/, "")
    .slice(0, 80)
    .trim();
  return `${base || t.common.untitled}.${extension}`;
}

export function shownTitle(title: string): string {
  return title.trim() || t.common.untitled;
}
