/** How somebody likes to write, on this device. Whoever sets one of these sees it at once, in every editor of the page. */
import type { Keys } from "../../editor";
import { recall, remember } from "../../service";

class WritingPreferences {
  private shown = $state(recall("toolbar") !== "off");
  private chosen: Keys = $state(recall("keys") === "vim" ? "vim" : "default");

  /** Whether Markdown documents have their toolbar. */
  get toolbar(): boolean {
    return this.shown;
  }
  set toolbar(shown: boolean) {
    this.shown = shown;
    remember("toolbar", shown ? null : "off");
  }

  get keys(): Keys {
    return this.chosen;
  }
  set keys(keys: Keys) {
    this.chosen = keys;
    remember("keys", keys === "default" ? null : keys);
  }
}

export const writing = new WritingPreferences();
