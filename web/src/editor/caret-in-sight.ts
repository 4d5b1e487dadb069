/** Keeps the caret in sight when the editor gets lower, as it does when a phone's keyboard comes. */
import { EditorView, ViewPlugin } from "@codemirror/view";

export const keepCaretInSight = ViewPlugin.fromClass(
  class {
    private readonly observer: ResizeObserver;
    private height = 0;

    constructor(private readonly view: EditorView) {
      this.observer = new ResizeObserver(() => this.resized());
      this.observer.observe(view.scrollDOM);
    }

    destroy() {
      this.observer.disconnect();
    }

    private resized() {
      const { scrollDOM, state, hasFocus } = this.view;
      const [before, now] = [this.height, scrollDOM.clientHeight];
      this.height = now;
      if (now === 0 || now >= before || !hasFocus) return;
      const { head } = state.selection.main;
      const rect = this.view.coordsAtPos(head);
      const top = rect && rect.top - scrollDOM.getBoundingClientRect().top;
      // Whoever has scrolled away from their caret looks at something else.
      if (top === null || top < 0 || top > before) return;
      this.view.dispatch({ effects: EditorView.scrollIntoView(head, { y: "nearest", yMargin: 24 }) });
    }
  },
);
