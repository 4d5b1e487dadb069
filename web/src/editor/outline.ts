/** The headings of a document: what an outline lists, and what addresses of sections are made of. Those inside lists and quotes are left out. */
import { DocInput, syntaxTree } from "@codemirror/language";
import type { EditorState, Text } from "@codemirror/state";
import type { SyntaxNode, Tree } from "@lezer/common";
import { decodeEntity } from "./entities";
import { markdownParser } from "./markdown";
import { Slugs } from "./slugs";

export interface Heading {
  /** From 1 to 6. */
  level: number;
  /** What it says, without its marks. */
  text: string;
  /** What addresses call it. */
  slug: string;
  /** Where it begins in the document. */
  from: number;
}

/** More than this no outline is for. */
const MAX_HEADINGS = 2000;

/** A heading is cut here; nobody reads on in a list. */
const MAX_LENGTH = 300;

/** What `headingsOf` may take. */
const PARSE_MS = 200;

/** The level of a heading's node; 0 of any other node. */
export function levelOf(node: { name: string }): number {
  return Number(/^(?:ATX|Setext)Heading([1-6])$/.exec(node.name)?.[1] ?? 0);
}

/** The headings of a document that was read. */
export function headingsIn(tree: Tree, doc: Text): Heading[] {
  const slugs = new Slugs();
  const headings: Heading[] = [];
  const slice = (from: number, to: number) => doc.sliceString(from, to);
  for (let node = tree.topNode.firstChild; node; node = node.nextSibling) {
    const level = levelOf(node);
    if (level === 0) continue;
    const text = headingText(node, slice);
    headings.push({ level, text, slug: slugs.next(text), from: node.from });
    if (headings.length === MAX_HEADINGS) break;
  }
  return headings;
}

const known = new WeakMap<Text, Heading[]>();

/**
 * The headings of what an editor holds, at once; none of what is not Markdown. Of a very long document they may be those of its beginning
 * only: whoever lists them all the time listens to `readerOf(view)`.
 */
export function headingsOf(state: EditorState): Heading[] {
  const tree = syntaxTree(state);
  if (tree.type.name !== "Document") return [];
  let headings = known.get(state.doc);
  if (!headings) {
    headings = headingsIn(tree.length >= state.doc.length ? tree : parse(state.doc), state.doc);
    known.set(state.doc, headings);
  }
  return headings;
}

function parse(doc: Text): Tree {
  const parse = markdownParser.startParse(new DocInput(doc));
  const deadline = performance.now() + PARSE_MS;
  for (;;) {
    const tree = parse.advance();
    if (tree) return tree;
    if (parse.stoppedAt === null && performance.now() > deadline) parse.stopAt(parse.parsedPos);
  }
}

const SILENT = new Set([
  "HeaderMark",
  "EmphasisMark",
  "StrikethroughMark",
  "CodeMark",
  "LinkMark",
  "LinkTitle",
  "LinkLabel",
  "FootnoteReference",
]);

/** What a heading says. */
export function headingText(node: SyntaxNode, slice: (from: number, to: number) => string): string {
  const to = Math.min(node.to, node.from + MAX_LENGTH);
  let text = "";
  let at = node.from;
  const say = (upTo: number) => {
    if (upTo > at) text += slice(at, upTo);
    at = Math.max(at, upTo);
  };
  node.cursor().iterate((inner) => {
    if (inner.from >= to || inner.from < at) return false;
    const { name } = inner;
    // The address of a link; one that stands by itself is what the heading says.
    const silent =
      SILENT.has(name) || (name === "URL" && /^(?:Link|Image)$/.test(inner.node.parent?.name ?? ""));
    if (!silent && name !== "Escape" && name !== "Entity") return true;
    say(inner.from);
    if (name === "Escape") text += slice(inner.from + 1, inner.to);
    if (name === "Entity") text += decodeEntity(slice(inner.from, inner.to));
    at = inner.to;
    return false;
  });
  say(to);
  return text.replace(/\s+/g, " ").trim();
}
