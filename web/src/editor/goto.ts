/** Goes to a place in the text, on both sides. */
import { EditorView } from "@codemirror/view";

/** Above the place one went to. */
const MARGIN_PX = 12;

/** Scrolls to a position, which comes to stand at the top; the preview goes along. The caret goes there too, if it is wanted. */
export function goTo(view: EditorView, position: number, caret = false) {
  const at = Math.min(position, view.state.doc.length);
  view.scrollDOM.dispatchEvent(new Event("lead"));
  view.dispatch({
    ...(caret ? { selection: { anchor: at } } : {}),
    effects: EditorView.scrollIntoView(at, { y: "start", yMargin: MARGIN_PX }),
  });
}
