/**
 * Puts an editor together: which extensions, in which order, for which kind of document.
 */
import { defaultKeymap } from "@codemirror/commands";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { dropCursor, EditorView, keymap, placeholder, type ViewUpdate } from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { keepCaretInSight } from "./caret-in-sight";
import type { CaretWords } from "./carets";
import { collab, contentOf } from "./collab";
import type { CommandId } from "./commands";
import { settle } from "./composition";
import { type Keys, Later } from "./later";
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
  /**
   * What the editor's own parts say, by what they would say in English. All of it is needed at once: a view whose phrases change
   * starts anew and forgets what can be undone.
   */
  phrases?: Record<string, string>;
  keys?: Keys;
  /** Whether what makes the text look like what it is comes at once, and not after it is painted. */
  eager?: boolean;
  /** Called with what Vim's keys mean at present, such as `insert`; null once they are off. */
  onVimMode?: (mode: string | null) => void;
  /** Called when somebody who knows Vim asks for saving. */
  onWrite?: () => void;
  /** More that belongs to the page. */
  extensions?: Extension;
  /** Called after each update of the view. */
  onUpdate?: (update: ViewUpdate) => void;
}

export interface Editor {
  readonly view: EditorView;
  setKind(kind: Kind): void;
  setReadOnly(readOnly: boolean): void;
  setFull(full: boolean): void;
  setPlaceholder(text: string): void;
  /** Whether the browser marks words that it takes for misspelt. Code is never checked. */
  setSpelling(checked: boolean): void;
  /** Scrolls to a place in the text. */
  reveal(offset: number): void;
  /** Begins to show where the others are, and to tell them where this writer is. */
  showPeers(words: CaretWords): void;
  /** The language of a code document, by its id; null for whatever its title is for. */
  setLanguage(chosen: string | null, title: string): void;
  setKeys(keys: Keys): void;
  /** Loads what is not needed to read and write, once the text is painted. */
  furnish(): void;
  /** Does what a command does, with the focus in the text. */
  run(id: CommandId): Promise<void>;
  destroy(): void;
}

export function createEditor(options: EditorOptions): Editor {
  const kind = new Compartment();
  const access = new Compartment();
  const room = new Compartment();
  const hint = new Compartment();
  const spelling = new Compartment();
  const later = new Later({
    kind: options.kind,
    keys: options.keys ?? "standard",
    eager: options.eager ?? false,
    onVimMode: (mode) => options.onVimMode?.(mode),
    onWrite: () => options.onWrite?.(),
  });
  const roomOf = (full: boolean, composing: boolean) =>
    full ? trim({ composing, onDropped: options.onDropped }) : [];

  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: contentOf(options.text),
      extensions: [
        later.first,
        // Undo comes before the binding: it looks at where the caret was before the text is written.
        undoHistory(),
        collab(options.text),
        keepCaretInSight,
        later.rest,
        // What is said first of an attribute holds.
        spelling.of([]),
        kind.of(forKind(options.kind)),
        access.of(accessOf(options.readOnly)),
        room.of(roomOf(options.full, false)),
        hint.of(placeholder(options.placeholder)),
        EditorView.cspNonce.of(styleNonce()),
        EditorView.lineWrapping,
        EditorState.phrases.of(options.phrases ?? {}),
        dropCursor(),
        keymap.of(defaultKeymap),
        EditorView.contentAttributes.of({
          "aria-label": options.label,
          "aria-describedby": options.describedBy,
          "aria-multiline": "true",
          // Reachable by keyboard in the eyes of machines too, which do not take `contenteditable` for it.
          tabindex: "0",
        }),
        options.extensions ?? [],
        options.onUpdate ? EditorView.updateListener.of(options.onUpdate) : [],
        theme,
      ],
    }),
  });
  later.start(view);

  const reveal = (offset: number) =>
    view.dispatch({ effects: EditorView.scrollIntoView(offset, { y: "center" }) });

  return {
    view,
    reveal,
    setKind(next) {
      view.dispatch({ effects: kind.reconfigure(forKind(next)) });
      later.setKind(next);
    },
    setReadOnly: (readOnly) => view.dispatch({ effects: access.reconfigure(accessOf(readOnly)) }),
    setFull: (full) => view.dispatch({ effects: room.reconfigure(roomOf(full, view.composing)) }),
    setPlaceholder: (text) => view.dispatch({ effects: hint.reconfigure(placeholder(text)) }),
    setSpelling: (checked) => view.dispatch({ effects: spelling.reconfigure(checked ? [] : unchecked) }),
    showPeers: (words) =>
      later.showPeers(async () => {
        const { presence } = await import("./presence");
        return presence(options.awareness, words);
      }),
    setLanguage: (chosen, title) => later.setLanguage(chosen, title),
    setKeys: (keys) => later.setKeys(keys),
    furnish: () => later.furnish(),
    async run(id) {
      const { commandOf } = await import("./commands");
      view.focus();
      settle(view, () => commandOf(id).run(view));
    },
    destroy() {
      later.destroy();
      view.destroy();
    },
  };
}

/** What the page's policy wants of style elements that scripts make: they carry the nonce that the server gave this page. */
function styleNonce(): string {
  return document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

function accessOf(readOnly: boolean): Extension {
  // Stays focusable, so that a reader can select, search and copy by keyboard.
  return readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false), focusable] : [];
}

const focusable = EditorView.contentAttributes.of({ tabindex: "0", "aria-readonly": "true" });

function forKind(kind: Kind): Extension {
  switch (kind) {
    case "markdown":
    case "text":
      return [proseTheme, spellchecked];
    case "code":
      return codeTheme;
  }
}

const spellchecked = EditorView.contentAttributes.of({
  spellcheck: "true",
  autocorrect: "on",
  autocapitalize: "sentences",
});

const unchecked = EditorView.contentAttributes.of({ spellcheck: "false", autocorrect: "off" });
