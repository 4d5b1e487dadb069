/** What stands in a line of Markdown, as DOM: emphasis, code, links, pictures, references to footnotes. See `render.ts`, whose promises hold here too. */
import type { SyntaxNode } from "@lezer/common";
import { plain, safeLink, sectionIn } from "./addresses";
import { anchor, element } from "./elements";
import { decodeEntity } from "./entities";
import type { RenderContext } from "./render";

/** Nesting deeper than this is shown as source: nobody writes it, and recursion has a stack to respect. */
export const MAX_DEPTH = 64;

/** What is written to mark something and says nothing by itself. */
export const MARKS = new Set([
  "HeaderMark",
  "QuoteMark",
  "ListMark",
  "LinkMark",
  "EmphasisMark",
  "StrikethroughMark",
  "CodeMark",
  "TableDelimiter",
  "TaskMarker",
  "FootnoteMark",
  "FootnoteLabel",
]);

/** A reference to a footnote, which is numbered once the whole document is known. */
export interface NoteLink {
  label: string;
  link: HTMLElement;
}

/** Labels match whatever their case and spacing. */
export function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase();
}

export class Spans {
  readonly notes: NoteLink[] = [];

  constructor(private readonly context: RenderContext) {}

  /** Appends what stands between `from` and `to` in `node`. */
  inline(parent: HTMLElement, node: SyntaxNode, from: number, to: number, depth: number) {
    if (depth > MAX_DEPTH) {
      parent.append(this.context.slice(from, to));
      return;
    }
    let at = from;
    for (let child = node.childAfter(from); child && child.from < to; child = child.nextSibling) {
      if (child.from < at) continue;
      if (child.from > at) parent.append(this.context.slice(at, child.from));
      this.span(parent, child, depth + 1);
      at = child.to;
    }
    if (at < to) parent.append(this.context.slice(at, to));
  }

  /** Appends all of `node`. */
  all(parent: HTMLElement, node: SyntaxNode, depth: number): HTMLElement {
    this.inline(parent, node, node.from, node.to, depth);
    return parent;
  }

  private span(parent: HTMLElement, node: SyntaxNode, depth: number) {
    if (MARKS.has(node.name)) return;
    switch (node.name) {
      case "Emphasis":
        parent.append(this.all(element("em"), node, depth));
        break;
      case "StrongEmphasis":
        parent.append(this.all(element("strong"), node, depth));
        break;
      case "Strikethrough":
        parent.append(this.all(element("del"), node, depth));
        break;
      case "InlineCode":
        parent.append(this.code(node));
        break;
      case "Link":
        this.link(parent, node, depth);
        break;
      case "Image":
        this.image(parent, node);
        break;
      case "Autolink": {
        const url = node.getChild("URL");
        this.autolink(parent, url ? this.text(url) : this.text(node));
        break;
      }
      case "URL":
        this.autolink(parent, this.text(node));
        break;
      case "FootnoteReference":
        this.note(parent, node);
        break;
      case "HardBreak":
        parent.append(element("br"));
        break;
      case "Escape":
        parent.append(this.text(node).slice(1));
        break;
      case "Entity":
        parent.append(decodeEntity(this.text(node)));
        break;
      default:
        parent.append(this.text(node));
    }
  }

  private code(node: SyntaxNode): HTMLElement {
    const result = element("code");
    const first = node.firstChild;
    const last = node.lastChild;
    const code = this.context.slice(first?.to ?? node.from, last?.from ?? node.to).replace(/\n/g, " ");
    const padded = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "";
    result.append(padded ? code.slice(1, -1) : code);
    return result;
  }

  private link(parent: HTMLElement, node: SyntaxNode, depth: number) {
    const [open, close] = node.getChildren("LinkMark");
    const address = this.addressOf(node);
    if (!open || !close || address === undefined) {
      // `[words]` that refer to nothing are words in brackets.
      parent.append(this.text(node));
      return;
    }
    const target = this.target(address);
    this.inline(target, node, open.to, close.from, depth);
    parent.append(target);
  }

  /** What an address makes of the words that have it. */
  private target(address: string): HTMLElement {
    const href = safeLink(address);
    if (href) return anchor(href);
    const section = sectionIn(address);
    if (section === null) return element("span");
    const link = element("a");
    link.className = "section-link";
    link.setAttribute("href", this.context.sectionAddress(section));
    return link;
  }

  private image(parent: HTMLElement, node: SyntaxNode) {
    const [open, close] = node.getChildren("LinkMark");
    const address = this.addressOf(node);
    if (!open || !close || address === undefined) {
      parent.append(this.text(node));
      return;
    }
    parent.append(this.context.pictures.show(address, this.context.slice(open.to, close.from)));
  }

  private autolink(parent: HTMLElement, text: string) {
    const href =
      safeLink(text) ??
      (/^www\./i.test(text) ? safeLink(`https://${text}`) : null) ??
      (/^[^\s@:]+@[^\s@]+$/.test(text) ? safeLink(`mailto:${text}`) : null);
    const target = href ? anchor(href) : element("span");
    target.append(text);
    parent.append(target);
  }

  private note(parent: HTMLElement, node: SyntaxNode) {
    const label = node.getChild("FootnoteLabel");
    const name = label ? normalizeLabel(this.text(label)) : "";
    if (!this.context.footnotes.has(name)) {
      parent.append(this.text(node));
      return;
    }
    const link = element("a");
    link.className = "note-link";
    link.setAttribute("role", "doc-noteref");
    link.setAttribute("href", this.context.sectionAddress(`fn-${name}`));
    this.notes.push({ label: name, link });
    parent.appendChild(element("sup")).append(link);
  }

  /** Where a link or image points; undefined when it refers to a label that nobody defined. */
  private addressOf(node: SyntaxNode): string | undefined {
    const url = node.getChild("URL");
    if (url) return plain(this.text(url));
    const marks = node.getChildren("LinkMark");
    if (marks.length > 2) return "";
    const label = node.getChild("LinkLabel");
    const named = label ? this.text(label).slice(1, -1) : "";
    const text = marks[0] && marks[1] ? this.context.slice(marks[0].to, marks[1].from) : "";
    return this.context.references.get(normalizeLabel(named || text));
  }

  private text(node: { from: number; to: number }): string {
    return this.context.slice(node.from, node.to);
  }
}
