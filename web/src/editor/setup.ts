/**
 * Puts an editor together: which extensions, in which order, for which kind of document.
 */
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { Compartment, EditorState, type Extension, StateEffect } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
  type ViewUpdate,
} from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { keepCaretInSight } from "./caret-in-sight";
import type { CaretWords } from "./carets";
import { collab, contentOf } from "./collab";
import { markdownHighlight } from "./highlight";
import { markdown } from "./markdown";
import { codeTheme, proseTheme, theme } from "./theme";
import { trim } from "./trim";
import { undoHistory } from "./undo";

/** What a document is; fixed when it is created. */
export type Kind = "markdown" | "text" | "code";

export interface EditorOptions {
  parent: HTMLElement;
  text: Y.Text;
  awareness: Awareness;
  kind: Kind;
  readOnly: boolean;
  /** Whether the document is full, so that people may delete and not insert. */
  full: boolean;
  /** Called when an edit did not pass because the document is full. */
  onDropped: () => void;
  /** What an empty document says. */
  placeholder: string;
  /** What a screen reader calls the editor. */
  label: string;
  /** The id of an element that says more of it. */
  describedBy: string;
  /** The words at the carets of the others. */
  caretWords: CaretWords;
  /** Called after each update of the view. */
  onUpdate?: (update: ViewUpdate) => void;
}

export interface Editor {
  readonly view: EditorView;
  setKind(kind: Kind): void;
  setReadOnly(readOnly: boolean): void;
  setFull(full: boolean): void;
  setPlaceholder(text: string): void;
  /** Scrolls to a place in the text. */
  reveal(offset: number): void;
  /** Begins to show where the others are, and to tell them where this writer is. */
  showPeers(): void;
  destroy(): void;
}

/** When searching is loaded, after what the page needs to be read and written. */
const SEARCH_AFTER_MS = 1000;

export function createEditor(options: EditorOptions): Editor {
  const kind = new Compartment();
  const access = new Compartment();
  const room = new Compartment();
  const hint = new Compartment();
  const roomOf = (full: boolean, composing: boolean) =>
    full ? trim({ composing, onDropped: options.onDropped }) : [];

  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: contentOf(options.text),
      extensions: [
        // Undo comes before the binding: it looks at where the caret was before the text is written.
        undoHistory(),
        collab(options.text),
        keepCaretInSight,
        kind.of(forKind(options.kind)),
        access.of(accessOf(options.readOnly)),
        room.of(roomOf(options.full, false)),
        hint.of(placeholder(options.placeholder)),
        EditorView.cspNonce.of(styleNonce()),
        EditorView.lineWrapping,
        EditorState.phrases.of(SEARCH_LABELS),
        dropCursor(),
        keymap.of(defaultKeymap),
        EditorView.contentAttributes.of({
          "aria-label": options.label,
          "aria-describedby": options.describedBy,
          "aria-multiline": "true",
        }),
        options.onUpdate ? EditorView.updateListener.of(options.onUpdate) : [],
        theme,
      ],
    }),
  });

  let peersShown = false;
  // Until it is here, and if it cannot be loaded, the browser's own search answers.
  const later = setTimeout(async () => {
    const loaded = await import("./search").catch(() => null);
    if (loaded) view.dispatch({ effects: StateEffect.appendConfig.of(loaded.searching()) });
  }, SEARCH_AFTER_MS);

  const reveal = (offset: number) =>
    view.dispatch({ effects: EditorView.scrollIntoView(offset, { y: "center" }) });

  return {
    view,
    reveal,
    setKind: (next) => view.dispatch({ effects: kind.reconfigure(forKind(next)) }),
    setReadOnly: (readOnly) => view.dispatch({ effects: access.reconfigure(accessOf(readOnly)) }),
    setFull: (full) => view.dispatch({ effects: room.reconfigure(roomOf(full, view.composing)) }),
    setPlaceholder: (text) => view.dispatch({ effects: hint.reconfigure(placeholder(text)) }),
    async showPeers() {
      const loaded = peersShown ? null : await import("./presence").catch(() => null);
      if (!loaded || peersShown) return;
      peersShown = true;
      const extension = loaded.presence(options.awareness, options.caretWords);
      view.dispatch({ effects: StateEffect.appendConfig.of(extension) });
    },
    destroy() {
      clearTimeout(later);
      view.destroy();
    },
  };
}

/** What the page's policy wants of style elements that scripts make: they carry the nonce that the server gave this page. */
function styleNonce(): string {
  return document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

/**
 * The search panel's words, as the rest of the page writes its buttons. They are here before the panel is: a view whose phrases
 * change starts anew and forgets what can be undone.
 */
const SEARCH_LABELS = {
  next: "Next",
  previous: "Previous",
  all: "Select all",
  "match case": "Match case",
  regexp: "Pattern",
  "by word": "Whole words",
  replace: "Replace",
  "replace all": "Replace all",
};

function accessOf(readOnly: boolean): Extension {
  // Stays focusable, so that a reader can select, search and copy by keyboard.
  return readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false), focusable] : [];
}

const focusable = EditorView.contentAttributes.of({ tabindex: "0", "aria-readonly": "true" });

function forKind(kind: Kind): Extension {
  switch (kind) {
    case "markdown":
      return [markdown(), markdownHighlight, proseTheme, spellchecked];
    case "text":
      return [proseTheme, spellchecked];
    case "code":
      return [
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        // Several carets need drawing; prose keeps the browser's own, which phones and input methods know best.
        EditorState.allowMultipleSelections.of(true),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        indentOnInput(),
        indentUnit.of("  "),
        keymap.of([...closeBracketsKeymap, indentWithTab]),
        codeTheme,
      ];
  }
}

const spellchecked = EditorView.contentAttributes.of({
  spellcheck: "true",
  autocorrect: "on",
  autocapitalize: "sentences",
});
