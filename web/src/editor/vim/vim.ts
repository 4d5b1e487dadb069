/** Vim's keys, for those whose hands know them. A chunk of its own. Undo is this editor's, of one's own edits only: see commands.ts. */

import { type Extension, Facet } from "@codemirror/state";
import { EditorView, ViewPlugin } from "@codemirror/view";
import { getCM, Vim, vim } from "@replit/codemirror-vim";
import { cutUndo } from "../undo";

export interface VimOptions {
  /** Called with what keys mean now: `normal`, `insert`, `visual`, `replace`. */
  onVimMode: (mode: string) => void;
  /** Called at `:w`. Nothing is left to do then. */
  onWrite: () => void;
}

const options = Facet.define<VimOptions, VimOptions | null>({ combine: (values) => values[0] ?? null });

export function vimKeys(given: VimOptions): Extension {
  adoptCommands();
  return [options.of(given), vim(), modes, theme];
}

/** Vim's commands are one set for all editors of a page; each finds its own way from the editor it is given. */
function adoptCommands() {
  const write = (cm: { cm6: EditorView }) => cm.cm6.state.facet(options)?.onWrite();
  Vim.defineEx("write", "w", write);
  Vim.defineEx("wq", "wq", write);
}

/** Tells the mode, and makes each command, and each stay in insert mode, a step of undo. */
const modes = ViewPlugin.fromClass(
  class {
    private readonly cm;

    constructor(private readonly view: EditorView) {
      this.cm = getCM(view);
      this.cm?.on("vim-mode-change", this.onMode);
      this.cm?.on("vim-command-done", this.onDone);
      view.state.facet(options)?.onVimMode("normal");
    }

    destroy() {
      this.cm?.off("vim-mode-change", this.onMode);
      this.cm?.off("vim-command-done", this.onDone);
    }

    private readonly onMode = ({ mode }: { mode: string }) => {
      cutUndo(this.view);
      this.view.state.facet(options)?.onVimMode(mode);
    };

    private readonly onDone = () => cutUndo(this.view);
  },
);

const theme = EditorView.theme({
  ".cm-fat-cursor": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  "&:not(.cm-focused) .cm-fat-cursor": { backgroundColor: "transparent", outlineColor: "var(--accent)" },
  ".cm-vim-panel": { padding: "0.25rem 1rem", fontFamily: "var(--mono)", fontSize: "0.8125rem" },
  ".cm-vim-panel input": { font: "inherit", color: "inherit", minHeight: "1.5rem" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
});
