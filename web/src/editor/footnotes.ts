/**
 * Footnotes, which GitHub has and the grammar of `@lezer/markdown` lacks: `[^label]` where a note is referred to, and `[^label]: words`
 * at the start of a line where it stands. A definition goes on over lines that are indented by four, blank ones between them included, and
 * may hold any blocks; it is not looked for inside of lists and quotes.
 */
import { tags as t } from "@lezer/highlight";
import type { Line, MarkdownConfig } from "@lezer/markdown";

const DEFINITION = /^\[\^([^\s[\]]{1,200})\]:/;
/** `[^words](address)` is a link whose text happens to start with a caret. */
const REFERENCE = /^\[\^([^\s[\]]{1,200})\](?!\()/;
/** What a reference is long at most. */
const MAX_REFERENCE = 204;

const INDENT = 4;

export const footnotes: MarkdownConfig = {
  defineNodes: [
    { name: "FootnoteDefinition", block: true, composite: (_cx, line) => goesOn(line) },
    { name: "FootnoteReference", style: t.link },
    { name: "FootnoteMark", style: t.processingInstruction },
    { name: "FootnoteLabel", style: t.labelName },
  ],
  parseBlock: [
    {
      name: "FootnoteDefinition",
      parse(cx, line) {
        const label = cx.depth === 1 && definedBy(line);
        if (!label) return false;
        const from = cx.lineStart + line.pos;
        const end = from + 2 + label.length;
        cx.startComposite("FootnoteDefinition", line.pos);
        cx.addElement(cx.elt("FootnoteMark", from, from + 2));
        cx.addElement(cx.elt("FootnoteLabel", from + 2, end));
        cx.addElement(cx.elt("FootnoteMark", end, end + 2));
        line.moveBase(line.pos + label.length + 4);
        return null;
      },
      endLeaf: (_cx, line) => line.basePos === 0 && definedBy(line) !== null,
    },
  ],
  parseInline: [
    {
      name: "FootnoteReference",
      parse(cx, next, from) {
        if (next !== 91 /* [ */ || cx.char(from + 1) !== 94 /* ^ */) return -1;
        const label = REFERENCE.exec(cx.slice(from, Math.min(cx.end, from + MAX_REFERENCE)))?.[1];
        if (!label) return -1;
        const to = from + label.length + 3;
        return cx.addElement(
          cx.elt("FootnoteReference", from, to, [
            cx.elt("FootnoteMark", from, from + 2),
            cx.elt("FootnoteLabel", from + 2, to - 1),
            cx.elt("FootnoteMark", to - 1, to),
          ]),
        );
      },
      before: "Link",
    },
  ],
};

/** The label that a line defines, if it does. */
function definedBy(line: Line): string | null {
  if (line.indent >= line.baseIndent + INDENT) return null;
  return DEFINITION.exec(line.text.slice(line.pos))?.[1] ?? null;
}

/** Whether a definition goes on in this line, and the text of it begins behind the indentation. */
function goesOn(line: Line): boolean {
  if (line.next >= 0 && line.indent < line.baseIndent + INDENT) return false;
  line.moveBaseColumn(line.baseIndent + INDENT);
  return true;
}
