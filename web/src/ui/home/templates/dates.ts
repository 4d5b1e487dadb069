/** Days as they are written in a text. The present is an argument. */

const DAY_MS = 86_400_000;

export function longDay(day: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(day);
}

export function shortDay(day: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { month: "short", day: "numeric" }).format(day);
}

export function weekday(day: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { weekday: "long", month: "short", day: "numeric" }).format(day);
}

/** Monday to Friday of the week that a day is in; a Sunday ends its week. */
export function workWeek(now: Date): Date[] {
  const sinceMonday = (now.getDay() + 6) % 7;
  // From noon, so that a clock that is put forward or back in between changes no day.
  const noon = new Date(now.getFullYear(), now.getMonth(), now.getDate(), 12).getTime();
  return [0, 1, 2, 3, 4].map((day) => new Date(noon + (day - sinceMonday) * DAY_MS));
}
