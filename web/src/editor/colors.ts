/**
 * Colours of people. Anything a peer sends is untrusted: only `#rrggbb` ever gets through, everything else becomes a colour
 * of the palette, so no peer can write CSS into somebody else's page.
 */

/** Told apart by most people, 4.5:1 or better against white, so that white names are readable on them. */
export const PALETTE = [
  "#b3412b",
  "#8a5a00",
  "#4b6f1c",
  "#0f7553",
  "#0b7285",
  "#2b63c6",
  "#5b50c4",
  "#8b44ac",
  "#b0306f",
  "#6b5b4d",
] as const;

const STRICT_HEX = /^#[0-9a-f]{6}$/i;

/** The colour, if it is one; otherwise the client's colour of the palette. */
export function safeColor(value: unknown, client: number): string {
  return typeof value === "string" && STRICT_HEX.test(value) ? value.toLowerCase() : paletteColor(client);
}

export function paletteColor(seed: number): string {
  // Client ids are random 32-bit numbers, but a hostile one may be anything, negative and fractional included.
  const index = Math.abs(Math.trunc(Number.isFinite(seed) ? seed : 0)) % PALETTE.length;
  return PALETTE[index] ?? PALETTE[0];
}

/** The first colour of the palette, from `own` on, that is not among `taken`; `own` if all are. */
export function freeColor(own: string, taken: readonly string[]): string {
  const start = (PALETTE as readonly string[]).indexOf(own);
  const inTurn = [...PALETTE.slice(start), ...PALETTE.slice(0, start)];
  return inTurn.find((color) => !taken.includes(color)) ?? own;
}

/** Black or white, whichever is easier to read on `color` (`#rrggbb`). */
export function inkOn(color: string): "#ffffff" | "#000000" {
  const l = luminance(color);
  return 1.05 / (l + 0.05) >= (l + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

/** WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [la, lb] = [luminance(a), luminance(b)];
  return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
}

function luminance(color: string): number {
  const channel = (at: number) => {
    const c = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
