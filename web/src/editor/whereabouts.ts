/** Where in the text somebody is, in words' worth of detail: the line, and the section of a Markdown document. */
import { ensureSyntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";
import { peerField } from "./peers";

export interface Whereabouts {
  /** From 1. */
  line: number;
  /** The heading above it, shortened; null where there is none. */
  section: string | null;
}

/** Parsing gives up after this long: then there is only the line to tell. */
const PARSE_MS = 20;
const MAX_SECTION_LENGTH = 40;

/** Where the first of `clients` that has a caret in the text is; null when none has. */
export function whereabouts(state: EditorState, clients: readonly number[]): Whereabouts | null {
  const peers = state.field(peerField, false);
  for (const client of clients) {
    const peer = peers?.get(client);
    if (peer) return { line: state.doc.lineAt(peer.head).number, section: sectionAt(state, peer.head) };
  }
  return null;
}

/** The text of the last heading that begins at or before `position`. */
export function sectionAt(state: EditorState, position: number): string | null {
  const top = ensureSyntaxTree(state, position, PARSE_MS)?.topNode;
  // Headings inside of quotes and lists are no sections.
  let node = top?.childBefore(position + 1) ?? null;
  while (node && !/^(?:ATX|Setext)Heading/.test(node.name)) node = node.prevSibling;
  if (!node) return null;
  const [source = ""] = state.sliceDoc(node.from, node.to).split("\n");
  const words = source
    .replace(/^#{1,6}\s*|\s+#+\s*$/g, "")
    .replace(/[*_`~]/g, "")
    .trim();
  return Array.from(words).slice(0, MAX_SECTION_LENGTH).join("") || null;
}
