/** The keys that hold on every page. What a document's text has besides is the editor's list (editor/commands.ts). */
import { whole } from "../../i18n";
import { openDialog } from "../dialogs";
import { documentInSight } from "../page";
import { isPressed } from "./keys";

export interface Shortcut {
  readonly id: "palette" | "shortcuts" | "notices";
  /** The first is the one to tell people. */
  readonly keys: readonly string[];
  /** Keys that are characters, or mean something else in a text. */
  readonly outside: readonly string[];
}

export const SHORTCUTS: readonly Shortcut[] = [
  // F1 for Firefox, whose own Ctrl+Shift+P no page gets to see.
  { id: "palette", keys: ["Mod-Shift-p", "F1"], outside: ["Mod-k"] },
  { id: "shortcuts", keys: ["Mod-/"], outside: ["?"] },
  // Notices.svelte listens to it.
  { id: "notices", keys: ["F6"], outside: [] },
];

const palette = () => import("./Palette.svelte");
const sheet = () => import("./ShortcutsDialog.svelte");
const settings = () => import("../settings/SettingsDialog.svelte");

export const openPalette = () => openDialog(palette, {});
export const openShortcuts = () => openDialog(sheet, { kind: documentInSight()?.document.kind ?? null });
export const openSettings = () => openDialog(settings, {});

/** Loads what these open, for when the server is not there. */
export const prepare = () =>
  Promise.allSettled([palette, sheet, settings].map((load) => whole<unknown>(load)));

/** What the page does with a key, before anything on it does: the editor would take Mod-/ for itself. */
export function onshortcut(event: KeyboardEvent) {
  if (event.isComposing) return;
  const writing = isWriting(event.target);
  const pressed = SHORTCUTS.find(
    ({ keys, outside }) =>
      keys.some((key) => isPressed(event, key)) || (!writing && outside.some((key) => isPressed(event, key))),
  );
  if (pressed?.id !== "palette" && pressed?.id !== "shortcuts") return;
  // A dialog keeps its keys: two of them open would be one too many.
  if (document.querySelector("dialog:modal")) return;
  // In code it makes a comment of a line, as everywhere.
  if (pressed.id === "shortcuts" && writing && documentInSight()?.document.kind === "code") return;
  event.preventDefault();
  event.stopPropagation();
  if (pressed.id === "palette") openPalette();
  else openShortcuts();
}

/** Whether what is typed becomes text. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select")
  );
}
