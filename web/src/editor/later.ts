/**
 * What an editor gets once the page is there to be read and written: the carets of the others, the keys of commands, search, what code needs, the grammar of a
 * language, Vim's keys. Each is a chunk that is loaded when it is wanted; until it is here, and if it cannot be loaded, the editor
 * does without.
 */
import { LanguageSupport } from "@codemirror/language";
import { Compartment, type Extension } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import { whenSettled } from "./composition";
import type { Kind } from "./setup";

export type Keys = "standard" | "vim";

/** When searching is loaded: nobody searches in the first second. */
const SEARCH_AFTER_MS = 1000;

export interface LaterOptions {
  kind: Kind;
  keys: Keys;
  /** Whether what makes the text look like what it is is loaded at once. */
  eager: boolean;
  /** Called with what Vim's keys mean at present, such as `insert`; null once they are off. */
  onVimMode: (mode: string | null) => void;
  /** Called when somebody who knows Vim asks for saving. */
  onWrite: () => void;
}

export class Later {
  private readonly before = new Compartment();
  private readonly after = new Compartment();
  /** Vim's keys come first: they take what they know from all others. */
  readonly first: Extension = this.before.of([]);
  readonly rest: Extension = this.after.of([]);

  private view: EditorView | null = null;
  private kind: Kind;
  private keys: Keys;
  private language: { chosen: string | null; title: string } | null = null;
  private furnished = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  private peers: Extension | null = null;
  private commands: typeof import("./commands") | null = null;
  private markdown: Extension | null = null;
  private code: Extension | null = null;
  private search: Extension | null = null;
  private vim: Extension | null = null;
  private grammar: LanguageSupport | null = null;
  private commandKeys: { kind: Kind; extension: Extension } | null = null;

  constructor(private readonly options: LaterOptions) {
    this.kind = options.kind;
    this.keys = options.keys;
  }

  start(view: EditorView) {
    this.view = view;
    if (this.options.eager) this.loadLooks();
  }

  /** Loads the rest, once the text is painted. */
  furnish() {
    if (this.furnished) return;
    this.furnished = true;
    this.loadLooks();
    import("./commands").then((commands) => {
      this.commands = commands;
      this.apply();
    }, ignore);
    this.timer = setTimeout(() => {
      import("./search").then(({ searching }) => {
        this.search = searching;
        this.apply();
      }, ignore);
    }, SEARCH_AFTER_MS);
    this.loadKeys();
    this.loadLanguage();
  }

  setKind(kind: Kind) {
    if (kind === this.kind) return;
    this.kind = kind;
    if (this.furnished || this.options.eager) this.loadLooks();
    this.apply();
  }

  /**
   * @param chosen one of `LANGUAGES`, by its id; anything else is plain text, and null is whatever the title is for
   * @param title the document's
   */
  setLanguage(chosen: string | null, title: string) {
    this.language = { chosen, title };
    this.loadLanguage();
  }

  setKeys(keys: Keys) {
    this.keys = keys;
    this.loadKeys();
  }

  /** Shows the others, whom `load` gives an extension for. */
  async showPeers(load: () => Promise<Extension>) {
    const peers = this.peers ? null : await load().catch(ignore);
    if (!peers || this.peers) return;
    this.peers = peers;
    this.apply();
  }

  destroy() {
    clearTimeout(this.timer);
    this.view = null;
  }

  private loadKeys() {
    if (!this.furnished) return;
    if (this.keys === "standard") {
      if (this.vim) this.options.onVimMode(null);
      this.apply();
      return;
    }
    import("./vim/vim").then(({ vimKeys }) => {
      this.vim ??= vimKeys(this.options);
      this.apply();
    }, ignore);
  }

  private async loadLanguage() {
    const wanted = this.language;
    if (!this.furnished || !wanted) return;
    const languages = await import("./languages").catch(ignore);
    const name = wanted.chosen ?? languages?.languageOfTitle(wanted.title)?.id;
    const language = (name && (await languages?.loadLanguage(name))) || null;
    if (this.language !== wanted || (this.grammar?.language ?? null) === language) return;
    this.grammar = language && new LanguageSupport(language);
    this.apply();
  }

  private loadCode() {
    if (this.kind !== "code" || this.code) return;
    import("./code").then(({ coding }) => {
      this.code = coding;
      this.apply();
    }, ignore);
  }

  /** What makes the text look like what it is. */
  private loadLooks() {
    this.loadMarkdown();
    this.loadCode();
  }

  private loadMarkdown() {
    if (this.kind !== "markdown" || this.markdown) return;
    import("./markdown").then(({ markdown }) => {
      this.markdown ??= markdown();
      this.apply();
    }, ignore);
  }

  private apply() {
    const { view } = this;
    if (!view) return;
    whenSettled(view, () => {
      if (this.view !== view) return;
      const first = this.keys === "vim" && this.vim ? this.vim : [];
      const code = this.kind === "code";
      const rest = [
        this.peers ?? [],
        this.keysOfCommands(),
        (this.kind === "markdown" && this.markdown) || [],
        code && this.code ? [this.code, this.grammar ?? []] : [],
        // It comes last, and its Escape closes the panel before another one drops the selection.
        this.search ?? [],
      ];
      view.dispatch({ effects: [this.before.reconfigure(first), this.after.reconfigure(rest)] });
    });
  }

  private keysOfCommands(): Extension {
    if (!this.commands) return [];
    if (this.commandKeys?.kind !== this.kind) {
      this.commandKeys = { kind: this.kind, extension: keymap.of(this.commands.commandKeys(this.kind)) };
    }
    return this.commandKeys.extension;
  }
}

function ignore(): null {
  return null;
}
