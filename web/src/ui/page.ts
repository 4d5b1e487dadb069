/** The document in front of the reader, as far as what belongs to no page in particular has to do with it: commands, settings, exports. */
import type { EditorState } from "@codemirror/state";
import type { CommandId } from "../editor";
import type { OpenDocument } from "./document.svelte";
import type { View } from "./ViewSwitch.svelte";

export interface DocumentInSight {
  readonly document: OpenDocument;
  /** What the page can show of it, and what it does show. */
  views(): readonly View[];
  view(): View;
  show(view: View): void;
  /** Does what a command of the editor does, at the caret. */
  run(id: CommandId): void;
  focus(): void;
  /** What the editor holds; null until there is an editor. */
  state(): EditorState | null;
  /** Scrolls to a place in the text and puts the caret there. */
  goTo(offset: number): void;
}

let sight: DocumentInSight | null = null;

/** Null on pages that show no document. */
export function documentInSight(): DocumentInSight | null {
  return sight;
}

/** Called by the page that shows a document; what it returns is to be called when it no longer does. */
export function putInSight(shown: DocumentInSight): () => void {
  sight = shown;
  return () => {
    if (sight === shown) sight = null;
  };
}
