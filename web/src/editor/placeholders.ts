/**
 * Placeholders for what is on its way into the text, such as an image while it is uploaded. They are shown to whoever put them there
 * and are no text: nobody else sees something half-done, and wherever others write, they stay between the words they were put between.
 */
import {
  EditorSelection,
  type EditorState,
  type Extension,
  StateEffect,
  StateField,
} from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { asOneStep } from "./undo";

/** What a placeholder shows at present. */
export interface PlaceholderLook {
  label: string;
  /** How far it is, from 0 to 1; null when it does not move. */
  progress: number | null;
  actions: readonly { label: string; run: () => void }[];
}

export class Placeholder {
  private doms: HTMLElement[] = [];

  constructor(private look: PlaceholderLook) {}

  /** Shows something else, in place: that is no change of the editor. */
  show(look: PlaceholderLook) {
    this.look = look;
    for (const dom of this.doms) this.draw(dom);
  }

  /** @internal */
  attach(dom: HTMLElement) {
    this.doms.push(dom);
    this.draw(dom);
  }

  /** @internal */
  detach(dom: HTMLElement) {
    this.doms = this.doms.filter((other) => other !== dom);
  }

  private draw(dom: HTMLElement) {
    const { label, progress, actions } = this.look;
    dom.classList.toggle("cm-placeholder-stopped", progress === null);
    dom.style.setProperty("--progress", `${Math.round((progress ?? 0) * 100)}%`);
    const words = document.createElement("span");
    words.textContent = label;
    const buttons = actions.map(({ label, run }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", run);
      return button;
    });
    dom.replaceChildren(words, ...buttons);
  }
}

/** The extension; it is enough to have it once something is put. */
export function placeholders(): Extension {
  return [field, theme];
}

/** Puts placeholders, in this order. */
export function put(view: EditorView, at: number, list: readonly Placeholder[]) {
  const effects: StateEffect<unknown>[] = [placed.of({ at, list })];
  if (!view.state.field(field, false)) effects.unshift(StateEffect.appendConfig.of(placeholders()));
  view.dispatch({ effects });
}

/** Takes a placeholder away. */
export function take(view: EditorView, placeholder: Placeholder) {
  view.dispatch({ effects: taken.of(placeholder) });
}

/** Where a placeholder is now; null when it is gone. */
export function whereIs(state: EditorState, placeholder: Placeholder): number | null {
  const set = state.field(field, false);
  for (let at = set?.iter(); at?.value; at.next()) {
    if (at.value.spec.widget instanceof PlaceholderWidget && at.value.spec.widget.placeholder === placeholder)
      return at.from;
  }
  return null;
}

/**
 * Writes the text that a placeholder stood for, as one step of undo.
 *
 * @param apart whether it is to be a paragraph of its own where it would touch other words
 * @returns false when it was not written, for the document is full or may not be written any more; the placeholder stays
 */
export function fulfil(view: EditorView, placeholder: Placeholder, text: string, apart: boolean): boolean {
  const at = whereIs(view.state, placeholder);
  if (at === null || view.state.readOnly) return false;
  const line = view.state.doc.lineAt(at);
  const insert = between(line.text.slice(0, at - line.from), text, line.text.slice(at - line.from), apart);
  const { main } = view.state.selection;
  asOneStep(view, () => {
    view.dispatch({
      changes: { from: at, insert },
      effects: taken.of(placeholder),
      userEvent: "input.placeholder",
      // Who pasted goes on behind what was pasted.
      ...(main.empty && main.head === at && { selection: EditorSelection.cursor(at + insert.length) }),
    });
    return true;
  });
  return whereIs(view.state, placeholder) === null;
}

/** A text as it is written between others, so that it sticks to neither. */
export function between(before: string, text: string, after: string, apart: boolean): string {
  if (apart && before.trim() !== "") return `\n\n${text}${after.trim() === "" ? "" : "\n\n"}`;
  const lead = before === "" || /[\s([{（「“]$/.test(before) ? "" : " ";
  const trail = after === "" || /^[\s)\]}.,;:!?，。；：！？）」”]/.test(after) ? "" : " ";
  return `${lead}${text}${trail}`;
}

const placed = StateEffect.define<{ at: number; list: readonly Placeholder[] }>({
  map: ({ at, list }, changes) => ({ at: changes.mapPos(at, 1), list }),
});
const taken = StateEffect.define<Placeholder>();

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    let next = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(placed)) {
        const { at, list } = effect.value;
        next = next.update({
          add: list.map((placeholder) =>
            Decoration.widget({ widget: new PlaceholderWidget(placeholder), side: 1 }).range(at),
          ),
        });
      } else if (effect.is(taken)) {
        next = next.update({
          filter: (_from, _to, { spec }) => spec.widget.placeholder !== effect.value,
        });
      }
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

class PlaceholderWidget extends WidgetType {
  constructor(readonly placeholder: Placeholder) {
    super();
  }

  override eq(other: PlaceholderWidget) {
    return other.placeholder === this.placeholder;
  }

  toDOM() {
    const dom = document.createElement("span");
    dom.className = "cm-placeholder-box";
    dom.setAttribute("role", "status");
    dom.dataset.testid = "upload";
    this.placeholder.attach(dom);
    return dom;
  }

  override destroy(dom: HTMLElement) {
    this.placeholder.detach(dom);
  }

  override ignoreEvent() {
    return true;
  }
}

const theme = EditorView.theme({
  ".cm-placeholder-box": {
    display: "inline-flex",
    alignItems: "center",
    gap: "0.4rem",
    maxWidth: "100%",
    margin: "0 0.2rem",
    padding: "0.1rem 0.6rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "99px",
    background:
      "linear-gradient(to right, var(--accent-soft) var(--progress), transparent var(--progress)), var(--surface)",
    color: "var(--ink-2)",
    fontFamily: "var(--sans)",
    fontSize: "0.8125rem",
    fontWeight: "400",
    lineHeight: "1.5",
    verticalAlign: "baseline",
  },
  ".cm-placeholder-box span": { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  ".cm-placeholder-stopped": { borderColor: "var(--bad-line)", background: "var(--bad-soft)" },
  ".cm-placeholder-box button": {
    flex: "none",
    padding: "0 0.4rem",
    border: "0",
    borderRadius: "5px",
    background: "none",
    color: "var(--accent-ink)",
    font: "inherit",
    fontWeight: "600",
    cursor: "pointer",
  },
  ".cm-placeholder-box button:hover": { backgroundColor: "var(--hover)" },
  "@media (pointer: coarse)": { ".cm-placeholder-box button": { minHeight: "2rem" } },
});
