/** Keys as the editor's keymaps write them (`Mod-Shift-k`), recognized in events and as they stand on this machine's keyboard. */

/** Whether shortcuts are made with ⌘. iPads say that they are Macs, and their keyboards have it too. */
export const MAC = /^(?:Mac|iP)/.test(globalThis.navigator?.platform ?? "");

const MAC_MODIFIERS: Record<string, string> = { Ctrl: "⌃", Alt: "⌥", Shift: "⇧", Meta: "⌘" };
/** The order in which each keyboard's shortcuts are written. */
const ORDER = ["Ctrl", "Alt", "Shift", "Meta"];

const NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  " ": "Space",
};
const MAC_NAMES: Record<string, string> = {
  Enter: "↩",
  Backspace: "⌫",
  Delete: "⌦",
  Tab: "⇥",
  Escape: "esc",
};

/** The caps to press for a shortcut: `["Ctrl", "Shift", "K"]`, or `["⇧", "⌘", "K"]`. */
export function capsOf(keys: string, mac = MAC): string[] {
  const { modifiers, key } = parse(keys, mac);
  const name = (mac && MAC_NAMES[key]) || NAMES[key] || (key.length === 1 ? key.toUpperCase() : key);
  const held = ORDER.filter((modifier) => modifiers.has(modifier));
  return [...held.map((modifier) => (mac ? (MAC_MODIFIERS[modifier] ?? modifier) : modifier)), name];
}

/** The same in one word, as tooltips have it. */
export function nameOf(keys: string, mac = MAC): string {
  return capsOf(keys, mac).join(mac ? "" : "+");
}

/** The same for `aria-keyshortcuts`. */
export function ariaOf(keys: string, mac = MAC): string {
  const { modifiers, key } = parse(keys, mac);
  const held = ORDER.filter((modifier) => modifiers.has(modifier));
  return [...held.map((modifier) => (modifier === "Ctrl" ? "Control" : modifier)), key].join("+");
}

type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "altKey" | "shiftKey" | "metaKey">;

/** Whether an event is this shortcut. Where a key's letter is not of the Latin alphabet, its place on the keyboard counts. */
export function isPressed(event: Pressed, keys: string, mac = MAC): boolean {
  const { modifiers, key } = parse(keys, mac);
  const held: Record<string, boolean> = {
    Ctrl: event.ctrlKey,
    Alt: event.altKey,
    // What is typed with Shift, such as a question mark, is named by what it is.
    Shift: event.shiftKey && (/^[a-z]$/i.test(key) || key.length > 1 || modifiers.has("Shift")),
    Meta: event.metaKey,
  };
  if (ORDER.some((modifier) => modifiers.has(modifier) !== held[modifier])) return false;
  if (event.key.toLowerCase() === key.toLowerCase()) return true;
  // Alt makes other characters of letters on a Mac, and other alphabets have other letters.
  return /^[a-z]$/i.test(key) && !/^[a-z]$/i.test(event.key) && event.code === `Key${key.toUpperCase()}`;
}

function parse(keys: string, mac: boolean) {
  // The last key may itself be "-".
  const parts = keys.split(/-(?!$)/);
  const key = parts.pop() ?? "";
  return { key, modifiers: new Set(parts.map((part) => (part === "Mod" ? (mac ? "Meta" : "Ctrl") : part))) };
}
