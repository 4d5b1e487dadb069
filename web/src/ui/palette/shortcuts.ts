/** The keys that hold on every page. What a document's text has besides is the editor's list (editor/commands.ts). */
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

export const openPalette = () => openDialog(() => import("./Palette.svelte"), {});
export const openShortcuts = () =>
  openDialog(() => import("./ShortcutsDialog.svelte"), { kind: documentInSight()?.document.kind ?? null });
export const openSettings = () => openDialog(() => import("../settings/SettingsDialog.svelte"), {});

/** What the page does with a key that nothing on it took. */
export function onshortcut(event: KeyboardEvent) {
  // A dialog keeps its keys: two of them open would be one too many.
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal")) return;
  const writing = isWriting(event.target);
  const pressed = SHORTCUTS.find(
    ({ keys, outside }) =>
      keys.some((key) => isPressed(event, key)) || (!writing && outside.some((key) => isPressed(event, key))),
  );
  if (pressed?.id !== "palette" && pressed?.id !== "shortcuts") return;
  event.preventDefault();
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
