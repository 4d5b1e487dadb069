/**
 * Markdown in the editor: the grammar (GitHub's, the one the preview renders), lists that continue on Enter, links made by
 * pasting an address onto a selection, and the two shortcuts everybody knows.
 *
 * `@codemirror/lang-markdown`'s own `markdown()` also brings HTML, CSS and JavaScript, for HTML inside Markdown. That would
 * double the size of this app for something the preview shows as plain text, so the language is put together here.
 */
import { markdownKeymap, markdownLanguage, pasteURLAsLink } from "@codemirror/lang-markdown";
import { Language, LanguageSupport, syntaxTree } from "@codemirror/language";
import { type ChangeSpec, EditorSelection, type Extension, Prec, RangeSetBuilder } from "@codemirror/state";
import {
  type Command,
  Decoration,
  type DecorationSet,
  type EditorView,
  keymap,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { type MarkdownConfig, MarkdownParser } from "@lezer/markdown";
import { footnotes } from "./footnotes";

function githubFlavoured(): MarkdownParser {
  const { parser } = markdownLanguage;
  if (!(parser instanceof MarkdownParser)) throw new Error("lang-markdown no longer brings a MarkdownParser");
  // `~` and `^` as sub- and superscript, and `:smile:`, are neither CommonMark's nor GitHub's.
  return parser.configure([{ remove: ["Subscript", "Superscript", "Emoji"] }, boundedParagraphs, footnotes]);
}

/**
 * A paragraph is parsed in one go, and again with each edit inside it: with a log of 250 KB pasted into a document, 100 ms
 * a keystroke. Nobody writes paragraphs of this length, so a longer one is taken for several.
 */
const MAX_PARAGRAPH_LENGTH = 16_384;

const boundedParagraphs: MarkdownConfig = {
  parseBlock: [
    { name: "BoundedParagraph", endLeaf: (_cx, _line, leaf) => leaf.content.length > MAX_PARAGRAPH_LENGTH },
  ],
};

export const markdownParser = githubFlavoured();

export function markdown(): Extension {
  // The same data facet as the original, by which its commands recognise the language.
  const language = new Language(markdownLanguage.data, markdownParser, [], "markdown");
  return [
    new LanguageSupport(language),
    pasteURLAsLink,
    Prec.high(keymap.of(markdownKeymap)),
    keymap.of([
      { key: "Mod-b", run: toggleMark("**"), preventDefault: true },
      { key: "Mod-i", run: toggleMark("*"), preventDefault: true },
    ]),
    blockLines,
  ];
}

/** Puts `mark` around each selection (or the word at the caret), or takes it away where it is. */
export function toggleMark(mark: "**" | "*"): Command {
  const size = mark.length;
  return (view) => {
    const { state } = view;
    if (state.readOnly) return false;
    const spec = state.changeByRange((range) => {
      const word = range.empty ? state.wordAt(range.head) : null;
      const { from, to } = word ?? range;
      const inside = (at: number) => EditorSelection.range(range.anchor + at, range.head + at);
      if (isMarked(state.sliceDoc(from - 2, from), state.sliceDoc(to, to + 2), mark)) {
        const changes: ChangeSpec = [
          { from: from - size, to: from },
          { from: to, to: to + size },
        ];
        return { changes, range: inside(-size) };
      }
      const changes: ChangeSpec = [
        { from, insert: mark },
        { from: to, insert: mark },
      ];
      return { changes, range: inside(size) };
    });
    view.dispatch(state.update(spec, { scrollIntoView: true, userEvent: "input.format" }));
    return true;
  };
}

function isMarked(before: string, after: string, mark: "**" | "*"): boolean {
  if (mark === "**") return before === "**" && after === "**";
  // A lone star on both sides; two are bold, which italics go inside of.
  return before.endsWith("*") && after.startsWith("*") && before !== "**" && after !== "**";
}

const BLOCK_LINES: Record<string, Decoration> = {
  FencedCode: Decoration.line({ class: "cm-code-line" }),
  CodeBlock: Decoration.line({ class: "cm-code-line" }),
  Table: Decoration.line({ class: "cm-table-line" }),
  Blockquote: Decoration.line({ class: "cm-quote-line" }),
};

/** Backgrounds and rules for whole lines (code, quotes, tables), for the lines in view. */
const blockLines = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorateBlocks(view);
    }

    update(update: ViewUpdate) {
      if (
        update.docChanged ||
        update.viewportChanged ||
        syntaxTree(update.startState) !== syntaxTree(update.state)
      ) {
        this.decorations = decorateBlocks(update.view);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function decorateBlocks(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const { doc } = view.state;
  const tree = syntaxTree(view.state);
  for (const { from, to } of view.visibleRanges) {
    let reached = from;
    tree.iterate({
      from,
      to,
      enter(node) {
        const decoration = BLOCK_LINES[node.name];
        if (!decoration) return;
        const end = Math.min(node.to, to);
        for (let at = Math.max(node.from, reached); at <= end; ) {
          const line = doc.lineAt(at);
          builder.add(line.from, line.from, decoration);
          at = line.to + 1;
          reached = at;
        }
        return false;
      },
    });
  }
  return builder.finish();
}
