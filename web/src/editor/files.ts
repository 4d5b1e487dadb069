/** Files that are pasted or dropped into the text. What they become is for others to say. */
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/**
 * @param receive called with the files and where they are to go; true when they were taken, false for what the editor does by itself
 */
export function files(receive: (files: File[], at: number) => boolean): Extension {
  return EditorView.domEventHandlers({
    paste({ clipboardData }, view) {
      const list = [...(clipboardData?.files ?? [])];
      // A cell of a spreadsheet comes as words and as a picture of them; the words are meant.
      if (list.length === 0 || clipboardData?.getData("text/plain")) return false;
      return receive(list, view.state.selection.main.head);
    },
    drop({ dataTransfer, clientX, clientY }, view) {
      const list = [...(dataTransfer?.files ?? [])];
      if (list.length === 0) return false;
      return receive(list, view.posAtCoords({ x: clientX, y: clientY }, false));
    },
  });
}
