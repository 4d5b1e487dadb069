/** What Yjs is given for `lib0/logging` (see vite/lean.ts), which colours its lines and brings a console of its own for that. */
export const [BOLD, UNBOLD, ORANGE, RED] = ["", "", "", ""];

export function print(...args: unknown[]) {
  console.info(...args.filter((arg) => arg !== ""));
}

export function warn(...args: unknown[]) {
  console.warn(...args.filter((arg) => arg !== ""));
}
