/**
 * Finding and replacing: the panel above the text. A chunk of its own, which comes once the page is there: nobody searches in its
 * first second. Its words are phrases of the editor (see `EditorOptions.phrases`).
 */
import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  openSearchPanel,
  replaceAll,
  replaceNext,
  SearchQuery,
  search,
  searchKeymap,
  setSearchQuery,
} from "@codemirror/search";
import { type Extension, Facet, Prec, StateEffect } from "@codemirror/state";
import {
  type Command,
  type EditorView,
  keymap,
  type Panel,
  runScopeHandlers,
  type ViewUpdate,
} from "@codemirror/view";
import { Matches } from "./matches";
import { searchTheme } from "./searchtheme";
import { asOneStep } from "./undo";

const installed = Facet.define<true, boolean>({ combine: (values) => values.length > 0, static: true });

export const searching: Extension = [
  installed.of(true),
  search({ top: true, createPanel: (view) => new SearchPanel(view) }),
  Prec.high(keymap.of(searchKeymap)),
  Prec.high(
    keymap.of(
      ["Mod-h", "Mod-Shift-f", "Mod-Alt-f"].map((key) => ({
        key,
        scope: "search-panel",
        run: (view) => replace(view),
      })),
    ),
  ),
  searchTheme,
];

/** Opens the panel, or goes to its field when it is open, for what is selected. */
export const find: Command = (view) => {
  // Whoever is quicker than the page brings it along.
  if (!view.state.facet(installed)) view.dispatch({ effects: StateEffect.appendConfig.of(searching) });
  return openSearchPanel(view);
};

/** The same, with what to put in place of it. Readers find. */
export const replace: Command = (view) => {
  find(view);
  panelOf(view)?.showReplace();
  return true;
};

const shown = new WeakMap<EditorView, SearchPanel>();

function panelOf(view: EditorView): SearchPanel | null {
  return shown.get(view) ?? null;
}

/** What can be put into the query besides words. */
const SWITCHES = [
  { name: "caseSensitive", sign: "Aa", phrase: "match case" },
  { name: "wholeWord", sign: "ab", phrase: "by word" },
  { name: "regexp", sign: ".*", phrase: "regexp" },
] as const;

class SearchPanel implements Panel {
  readonly top = true;
  readonly dom = element("div", { class: "cm-search" });
  private readonly field: HTMLInputElement;
  private readonly substitute: HTMLInputElement;
  private readonly count = element("span", { class: "cm-search-count", role: "status" });
  private readonly second = element("div", { class: "cm-search-row", hidden: "" });
  private readonly more: HTMLButtonElement;
  private readonly switches: HTMLButtonElement[];
  private readonly matches: Matches;
  private query: SearchQuery;

  constructor(private readonly view: EditorView) {
    this.query = getSearchQuery(view.state);
    this.field = this.input("Find", this.query.search);
    // The view looks for it by this, to put the focus there.
    this.field.setAttribute("main-field", "true");
    this.substitute = this.input("Replace", this.query.replace);
    this.switches = SWITCHES.map(({ name, sign, phrase }) => {
      const button = this.button(phrase, () => this.commit({ [name]: !this.query[name] }), sign);
      button.classList.add("cm-search-switch", `cm-search-${name}`);
      return button;
    });
    this.more = this.button("with replacement", () => this.toggleReplace(), CHEVRON);
    this.more.setAttribute("aria-expanded", "false");
    this.more.classList.add("cm-search-more");
    this.matches = new Matches(view, (text) => {
      if (this.count.textContent !== text) this.count.textContent = text;
    });

    const box = element("div", { class: "cm-search-box" });
    box.append(this.field, this.count);
    const switches = element("div", { class: "cm-search-switches" });
    switches.append(...this.switches);
    const row = element("div", { class: "cm-search-row" });
    row.append(
      this.more,
      box,
      switches,
      this.button("previous", () => findPrevious(this.view), UP),
      this.button("next", () => findNext(this.view), DOWN),
      this.button("close", () => this.close(), CLOSE),
    );
    this.second.append(
      element("span", { class: "cm-search-gap" }),
      this.substitute,
      this.button("replace", () => this.replace(replaceNext), null),
      this.button("replace all", () => this.replace(replaceAll), null),
    );
    this.dom.append(row, this.second);
    this.dom.setAttribute("role", "search");
    this.dom.setAttribute("aria-label", view.state.phrase("Find"));
    this.dom.addEventListener("keydown", this.onKey);
    this.access();
    this.show();
  }

  mount() {
    shown.set(this.view, this);
    this.field.select();
    this.matches.look(this.query);
  }

  update(update: ViewUpdate) {
    for (const { effects } of update.transactions) {
      for (const effect of effects) {
        if (effect.is(setSearchQuery) && !effect.value.eq(this.query)) {
          this.query = effect.value;
          if (this.field.value !== this.query.search) this.field.value = this.query.search;
          if (this.substitute.value !== this.query.replace) this.substitute.value = this.query.replace;
          this.show();
          this.matches.look(this.query);
        }
      }
    }
    if (update.docChanged) this.matches.changed();
    if (update.selectionSet) this.matches.moved();
    if (update.startState.readOnly !== update.state.readOnly) this.access();
  }

  destroy() {
    shown.delete(this.view);
    this.matches.destroy();
  }

  showReplace() {
    if (this.view.state.readOnly) return;
    this.second.hidden = false;
    this.more.setAttribute("aria-expanded", "true");
    if (this.query.search !== "") this.substitute.select();
  }

  private toggleReplace() {
    if (this.second.hidden) this.showReplace();
    else {
      this.second.hidden = true;
      this.more.setAttribute("aria-expanded", "false");
    }
  }

  private access() {
    const { readOnly } = this.view.state;
    this.more.hidden = readOnly;
    if (readOnly) this.second.hidden = true;
  }

  private replace(command: Command) {
    if (!this.view.state.readOnly) asOneStep(this.view, command);
  }

  private close() {
    closeSearchPanel(this.view);
    this.view.focus();
  }

  /** Searches for what the fields say. */
  private commit(change: Partial<Record<(typeof SWITCHES)[number]["name"], boolean>> = {}) {
    const { caseSensitive, wholeWord, regexp } = { ...this.query, ...change };
    const query = new SearchQuery({
      search: this.field.value,
      replace: this.substitute.value,
      caseSensitive,
      wholeWord,
      regexp,
      // What is typed is meant: a backslash is a backslash, but for patterns.
      literal: !regexp,
    });
    if (!query.eq(this.query)) this.view.dispatch({ effects: setSearchQuery.of(query) });
  }

  private show() {
    for (const [n, button] of this.switches.entries()) {
      const name = SWITCHES[n]?.name;
      button.setAttribute("aria-pressed", String(name ? this.query[name] : false));
    }
    this.field.toggleAttribute("aria-invalid", this.query.search !== "" && !this.query.valid);
  }

  private readonly onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (runScopeHandlers(this.view, event, "search-panel")) {
      event.preventDefault();
    } else if (event.key === "Enter" && event.target === this.field) {
      event.preventDefault();
      (event.shiftKey ? findPrevious : findNext)(this.view);
    } else if (event.key === "Enter" && event.target === this.substitute) {
      event.preventDefault();
      this.replace(event.ctrlKey || event.metaKey ? replaceAll : replaceNext);
    }
  };

  private input(phrase: string, value: string): HTMLInputElement {
    const label = this.view.state.phrase(phrase);
    const input = element("input", {
      class: "cm-textfield",
      "aria-label": label,
      placeholder: label,
      type: "text",
    });
    input.setAttribute("enterkeyhint", "search");
    input.setAttribute("autocapitalize", "off");
    input.autocomplete = "off";
    input.spellcheck = false;
    input.value = value;
    input.addEventListener("input", () => this.commit());
    return input;
  }

  /** @param face letters, or the path of an icon; null for the label itself */
  private button(phrase: string, run: () => void, face: string | null): HTMLButtonElement {
    const label = this.view.state.phrase(phrase);
    const button = element("button", { type: "button", class: face === null ? "cm-button" : "cm-icon" });
    if (face === null) button.textContent = label;
    else {
      button.setAttribute("aria-label", label);
      button.title = label;
      if (face.startsWith("M")) button.append(icon(face));
      // Drawn by the theme: as text it would be a second name of the button.
      else button.dataset.sign = face;
    }
    button.addEventListener("click", run);
    return button;
  }
}

const UP = "M6 14.5l6-6 6 6";
const DOWN = "M6 9.5l6 6 6-6";
const CLOSE = "M6.5 6.5l11 11M17.5 6.5l-11 11";
const CHEVRON = "M9.5 6l6 6-6 6";

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function icon(path: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const stroke = document.createElementNS(space, "path");
  stroke.setAttribute("d", path);
  svg.append(stroke);
  return svg;
}
