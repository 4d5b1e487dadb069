/**
 * Markdown to DOM, straight from the syntax tree. Safe by construction: text becomes text nodes, elements are made by name
 * from the fixed set below, and the only attributes that carry anything of the writer's are addresses that were parsed and
 * found harmless. HTML in the source is shown as the text it is.
 */
import type { SyntaxNode } from "@lezer/common";
import { decodeEntity } from "./entities";

/** Link references, `[label]: address`, by normalised label. */
export type References = ReadonlyMap<string, string>;

export interface RenderContext {
  slice(from: number, to: number): string;
  references: References;
}

/** Nesting deeper than this is shown as source: nobody writes it, and recursion has a stack to respect. */
const MAX_DEPTH = 64;

/** One block of the document as a node; null for blocks that show nothing. */
export function renderBlock(node: SyntaxNode, context: RenderContext): HTMLElement | null {
  return new Renderer(context).block(node, 0);
}

/** Labels match whatever their case and spacing. */
export function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase();
}

const LINK_PROTOCOLS = new Set(["http:", "https:", "mailto:"]);
const IMAGE_DATA = /^data:image\/(?:png|jpe?g|gif|webp|avif);base64,[a-z0-9+/=\s]*$/i;

/** An address to link to, or null. Only absolute web and mail addresses. */
export function safeLink(address: string): string | null {
  const url = parseUrl(address);
  return url && LINK_PROTOCOLS.has(url.protocol) ? url.href : null;
}

/** An address to load an image from, or null. Bitmaps only: an SVG may hold more than a picture. */
export function safeImage(address: string): string | null {
  if (IMAGE_DATA.test(address)) return address;
  const url = parseUrl(address);
  return url?.protocol === "https:" ? url.href : null;
}

function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

const MARKS = new Set([
  "HeaderMark",
  "QuoteMark",
  "ListMark",
  "LinkMark",
  "EmphasisMark",
  "StrikethroughMark",
  "CodeMark",
  "TableDelimiter",
  "TaskMarker",
]);

class Renderer {
  constructor(private readonly context: RenderContext) {}

  block(node: SyntaxNode, depth: number): HTMLElement | null {
    if (depth > MAX_DEPTH) return this.raw(node);
    const heading = /^(?:ATX|Setext)Heading([1-6])$/.exec(node.name);
    if (heading) return this.heading(node, Number(heading[1]), depth);
    switch (node.name) {
      case "Paragraph":
        return this.withInline(element("p"), node, depth);
      case "Blockquote":
        return this.withBlocks(element("blockquote"), node, depth, false);
      case "BulletList":
      case "OrderedList":
        return this.list(node, depth);
      case "FencedCode":
      case "CodeBlock":
        return this.code(node);
      case "HorizontalRule":
        return element("hr");
      case "Table":
        return this.table(node, depth);
      case "Task":
        return this.task(node, depth);
      case "LinkReference":
        return null;
      default:
        return MARKS.has(node.name) ? null : this.raw(node);
    }
  }

  private heading(node: SyntaxNode, level: number, depth: number): HTMLElement {
    const result = element(HEADINGS[level - 1] ?? "h6");
    const first = node.firstChild;
    const last = node.lastChild;
    let { from, to } = node;
    if (first?.name === "HeaderMark" && first.from === node.from) from = first.to;
    if (last?.name === "HeaderMark" && last.from > from) to = last.from;
    this.inline(result, node, from, to, depth);
    trimEdges(result);
    return result;
  }

  private list(node: SyntaxNode, depth: number): HTMLElement {
    const ordered = node.name === "OrderedList";
    const result = element(ordered ? "ol" : "ul");
    const items = node.getChildren("ListItem");
    const mark = items[0]?.getChild("ListMark");
    if (ordered && mark) {
      const start = Number.parseInt(this.text(mark), 10);
      if (start !== 1 && Number.isSafeInteger(start)) result.setAttribute("start", String(start));
    }
    const tight = !this.isLoose(items);
    for (const item of items) {
      const li = this.withBlocks(element("li"), item, depth, tight);
      if (item.getChild("Task")) li.className = "task";
      result.append(li);
    }
    return result;
  }

  /** Blank lines between items, or between the blocks of one, make paragraphs of them. */
  private isLoose(items: readonly SyntaxNode[]): boolean {
    const blankBetween = (a: SyntaxNode | null | undefined, b: SyntaxNode) =>
      a != null && /\n[\s>]*\n/.test(this.context.slice(a.to, b.from));
    return items.some((item, index) => {
      if (blankBetween(items[index - 1], item)) return true;
      for (let child = item.firstChild; child; child = child.nextSibling) {
        if (!MARKS.has(child.name) && blankBetween(child.prevSibling, child)) return true;
      }
      return false;
    });
  }

  private task(node: SyntaxNode, depth: number): HTMLElement {
    const result = element("p");
    const marker = node.getChild("TaskMarker");
    const box = element("input") as HTMLInputElement;
    box.type = "checkbox";
    box.disabled = true;
    box.checked = marker !== null && /x/i.test(this.text(marker));
    box.toggleAttribute("checked", box.checked);
    result.append(box);
    this.inline(result, node, marker?.to ?? node.from, node.to, depth);
    return result;
  }

  private code(node: SyntaxNode): HTMLElement {
    const pre = element("pre");
    const code = element("code");
    for (const part of node.getChildren("CodeText")) code.append(this.text(part));
    const info = node.getChild("CodeInfo");
    const language = info && this.text(info).split(/\s/)[0];
    if (language) pre.setAttribute("data-language", language.slice(0, 40));
    pre.append(code);
    return pre;
  }

  private table(node: SyntaxNode, depth: number): HTMLElement {
    const wrapper = element("div");
    wrapper.className = "table";
    const table = wrapper.appendChild(element("table"));
    const delimiter = node.getChild("TableDelimiter");
    const alignments = delimiter ? alignmentsOf(this.text(delimiter)) : [];
    const row = (source: SyntaxNode, cell: "th" | "td") => {
      const tr = element("tr");
      const cells = this.cells(source);
      for (let column = 0; column < Math.max(alignments.length, 1); column++) {
        const td = tr.appendChild(element(cell));
        const alignment = alignments[column];
        if (alignment) td.className = alignment;
        const content = cells[column];
        if (content) this.inline(td, content, content.from, content.to, depth);
      }
      return tr;
    };
    const header = node.getChild("TableHeader");
    if (header) table.appendChild(element("thead")).append(row(header, "th"));
    const rows = node.getChildren("TableRow");
    if (rows.length > 0) table.appendChild(element("tbody")).append(...rows.map((tr) => row(tr, "td")));
    return wrapper;
  }

  /** An empty cell has no node of its own; the delimiters tell. */
  private cells(row: SyntaxNode): (SyntaxNode | null)[] {
    const cells: (SyntaxNode | null)[] = [];
    let current: SyntaxNode | null = null;
    for (let child = row.firstChild; child; child = child.nextSibling) {
      if (child.name === "TableCell") current = child;
      else if (child.name === "TableDelimiter") {
        const leading = child.from === row.from;
        if (!leading) cells.push(current);
        current = null;
      }
    }
    if (current) cells.push(current);
    return cells;
  }

  /** What is not rendered is shown as it was written. */
  private raw(node: SyntaxNode): HTMLElement {
    const result = element("p");
    result.className = "raw";
    result.append(this.text(node));
    return result;
  }

  private withBlocks(parent: HTMLElement, node: SyntaxNode, depth: number, tight: boolean): HTMLElement {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      const block = this.block(child, depth + 1);
      if (!block) continue;
      // In a tight list, the text of an item stands by itself.
      if (tight && block.tagName === "P" && block.className === "") parent.append(...block.childNodes);
      else parent.append(block);
    }
    return parent;
  }

  private withInline(parent: HTMLElement, node: SyntaxNode, depth: number): HTMLElement {
    this.inline(parent, node, node.from, node.to, depth);
    return parent;
  }

  /** Appends what stands between `from` and `to` in `node`. */
  private inline(parent: HTMLElement, node: SyntaxNode, from: number, to: number, depth: number) {
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

  private span(parent: HTMLElement, node: SyntaxNode, depth: number) {
    if (MARKS.has(node.name)) return;
    switch (node.name) {
      case "Emphasis":
        parent.append(this.withInline(element("em"), node, depth));
        break;
      case "StrongEmphasis":
        parent.append(this.withInline(element("strong"), node, depth));
        break;
      case "Strikethrough":
        parent.append(this.withInline(element("del"), node, depth));
        break;
      case "InlineCode":
        parent.append(this.inlineCode(node));
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

  private inlineCode(node: SyntaxNode): HTMLElement {
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
    const href = safeLink(address);
    const target = href ? anchor(href) : element("span");
    this.inline(target, node, open.to, close.from, depth);
    parent.append(target);
  }

  private image(parent: HTMLElement, node: SyntaxNode) {
    const [open, close] = node.getChildren("LinkMark");
    const address = this.addressOf(node);
    if (!open || !close || address === undefined) {
      parent.append(this.text(node));
      return;
    }
    const alt = this.context.slice(open.to, close.from);
    const src = safeImage(address);
    if (!src) {
      const missing = element("span");
      missing.className = "missing-image";
      missing.append(alt || address.slice(0, 200));
      parent.append(missing);
      return;
    }
    const image = element("img") as HTMLImageElement;
    image.setAttribute("alt", alt);
    image.setAttribute("loading", "lazy");
    image.setAttribute("referrerpolicy", "no-referrer");
    image.setAttribute("src", src);
    parent.append(image);
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

const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"] as const;

type Tag = keyof HTMLElementTagNameMap;

function element(tag: Tag): HTMLElement {
  return document.createElement(tag);
}

function anchor(href: string): HTMLElement {
  const a = element("a");
  a.setAttribute("href", href);
  a.setAttribute("target", "_blank");
  a.setAttribute("rel", "noopener noreferrer nofollow ugc");
  return a;
}

/** An address without its angle brackets, backslashes and entities. */
export function plain(address: string): string {
  const bare = address.startsWith("<") && address.endsWith(">") ? address.slice(1, -1) : address;
  return bare.replace(/\\([!-/:-@[-`{-~])/g, "$1").replace(/&#?\w{1,31};/g, decodeEntity);
}

function alignmentsOf(delimiter: string): ("" | "left" | "center" | "right")[] {
  return delimiter
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => {
      const [start, end] = [cell.trim().startsWith(":"), cell.trim().endsWith(":")];
      if (start && end) return "center";
      if (end) return "right";
      return start ? "left" : "";
    });
}

function trimEdges(parent: HTMLElement) {
  const { firstChild, lastChild } = parent;
  if (firstChild?.nodeType === Node.TEXT_NODE) {
    firstChild.nodeValue = firstChild.nodeValue?.trimStart() ?? "";
  }
  if (lastChild?.nodeType === Node.TEXT_NODE) lastChild.nodeValue = lastChild.nodeValue?.trimEnd() ?? "";
}
