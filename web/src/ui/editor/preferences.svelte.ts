/** How somebody likes to write, as the editor takes it. What was chosen is in ui/settings.svelte.ts. */
import type { Keys } from "../../editor";
import { choose, settings } from "../settings.svelte";

export const writing = {
  /** Whether Markdown documents have their toolbar. */
  get toolbar(): boolean {
    return settings.toolbar === "on";
  },
  set toolbar(shown: boolean) {
    choose("toolbar", shown ? "on" : "off");
  },

  get keys(): Keys {
    return settings.keys === "vim" ? "vim" : "default";
  },
  set keys(keys: Keys) {
    choose("keys", keys === "vim" ? "vim" : "standard");
  },
};
