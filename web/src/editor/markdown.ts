/**
 * Markdown in the editor: the grammar (GitHub's, the one the preview renders) with the code in its fences, lists that continue on
 * Enter, and links made by pasting an address onto a selection.
 *
 * `@codemirror/lang-markdown`'s own `markdown()` also brings HTML, CSS and JavaScript, for HTML inside Markdown. That would
 * double the size of this app for something the preview shows as plain text, so the language is put together here.
 */
import { markdownKeymap, markdownLanguage, pasteURLAsLink } from "@codemirror/lang-markdown";
import { Language, LanguageSupport, ParseContext, syntaxTree } from "@codemirror/language";
import { type Extension, Prec, RangeSetBuilder } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  keymap,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { Parser } from "@lezer/common";
import { type MarkdownConfig, MarkdownParser, parseCode } from "@lezer/markdown";
import { footnotes } from "./footnotes";
import { codeHighlight, markdownHighlight } from "./highlight";

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

/**
 * Markdown with the code in it. The data facet is the original's, by which its commands recognise the language.
 */
export const markdownCode = new Language(
  markdownLanguage.data,
  markdownParser.configure(parseCode({ codeParser })),
  [],
  "markdown",
);

let languages: typeof import("./languages") | null = null;

/** The grammar of a fence's info string. One that is not here yet is left out, and read once it came. */
function codeParser(info: string): Parser | null {
  if (info.trim() === "") return null;
  if (!languages) {
    const arrives = import("./languages").then(
      async (module) => {
        const found = module.languageOfInfo(info);
        if (found) await module.loadLanguage(found.id);
        languages = module;
      },
      () => {},
    );
    return ParseContext.getSkippingParser(arrives);
  }
  const found = languages.languageOfInfo(info);
  if (!found || languages.isUnavailable(found.id)) return null;
  const language = languages.loadedLanguage(found.id);
  return language?.parser ?? ParseContext.getSkippingParser(languages.loadLanguage(found.id));
}

export function markdown(): Extension {
  return [
    new LanguageSupport(markdownCode),
    markdownHighlight,
    codeHighlight,
    pasteURLAsLink,
    Prec.high(keymap.of(markdownKeymap)),
    blockLines,
  ];
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
