/** What begins a line of Markdown: quotes, the indent, a list's mark, a heading's. Pure, and knows no editor. */

export interface LineStart {
  /** Marks of quotes, with the space after them. */
  quote: string;
  indent: string;
  /** A list's mark with the space after it, such as `- ` or `12. `; empty when the line is no item. */
  marker: string;
  /** A task's box with the space after it; empty when there is none. */
  box: string;
  /** A heading's marks with the space after them; empty when it is none. */
  heading: string;
  /** Where the words begin. */
  length: number;
}

const START =
  /^((?:[ ]{0,3}>[ ]?)*)([ \t]*)((?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$))?(\[[ xX]\](?:[ \t]+|$))?(#{1,6}(?:[ \t]+|$))?/;

export function lineStart(text: string): LineStart {
  const [, quote = "", indent = "", marker = "", box = "", heading = ""] = START.exec(text) ?? [];
  // A box is a task's only after a list's mark; "[x] " alone is words. A line of three marks and more is a rule.
  if (isRule(text.slice(quote.length))) {
    return { quote, indent: "", marker: "", box: "", heading: "", length: quote.length };
  }
  const task = marker === "" ? "" : box;
  const head = box !== task ? "" : heading;
  const length = quote.length + indent.length + marker.length + task.length + head.length;
  return { quote, indent, marker, box: task, heading: head, length };
}

/** Where a line's words begin. */
export function contentStart(text: string): number {
  return lineStart(text).length;
}

export type ListKind = "bullet" | "numbered" | "task";

export function listKindOf({ marker, box }: LineStart): ListKind | null {
  if (marker === "") return null;
  if (box !== "") return "task";
  return /^\d/.test(marker) ? "numbered" : "bullet";
}

function isRule(text: string): boolean {
  return /^[ ]{0,3}([-*])(?:[ \t]*\1){2,}[ \t]*$/.test(text);
}
