/**
 * Markdown to DOM, straight from the syntax tree. Safe by construction: text becomes text nodes, elements are made by name
 * from a fixed set, and the only attributes that carry anything of the writer's are addresses that were parsed and found harmless, and
 * the words that describe a picture, a task or a language. HTML in the source is shown as the text it is.
 */
import type { SyntaxNode } from "@lezer/common";
import { element } from "./elements";
import { levelOf } from "./outline";
import type { Pictures } from "./pictures";
import { MARKS, MAX_DEPTH, type NoteLink, Spans } from "./spans";

/** Link references, `[label]: address`, by normalised label. */
export type References = ReadonlyMap<string, string>;

export interface RenderContext {
  slice(from: number, to: number): string;
  references: References;
  /** The labels that a footnote has, normalised. */
  footnotes: ReadonlySet<string>;
  /** The address of a section of this document. */
  sectionAddress(section: string): string;
  pictures: Pictures;
  /** What buttons are called; null when there is nobody to press any. */
  buttons: { copyCode: string } | null;
}

/** An element inside of a block, and where in the document's text its upper or its lower edge stands. */
export interface Place {
  /** From the beginning of the block. */
  at: number;
  element: HTMLElement;
  lower: boolean;
}

/** A block of the document as it is shown. */
export interface Rendered {
  /** Null for blocks that show nothing. */
  element: HTMLElement | null;
  /** In the order of the text. */
  places: readonly Place[];
  /** The boxes of tasks, and where their `[ ]` stands from the beginning of the block. */
  tasks: readonly { at: number; box: HTMLInputElement }[];
  /** References to footnotes, in the order of the text. */
  notes: readonly NoteLink[];
  /** Code whose language is named. */
  codes: readonly { code: HTMLElement; language: string }[];
}

/** One block of the document. */
export function renderBlock(node: SyntaxNode, context: RenderContext): Rendered {
  return new Renderer(context, node.from).render(node);
}

class Renderer {
  private readonly spans: Spans;
  private readonly places: Place[] = [];
  private readonly tasks: { at: number; box: HTMLInputElement }[] = [];
  private readonly codes: { code: HTMLElement; language: string }[] = [];

  constructor(
    private readonly context: RenderContext,
    private readonly from: number,
  ) {
    this.spans = new Spans(context);
  }

  render(node: SyntaxNode): Rendered {
    const element = node.name === "FootnoteDefinition" ? this.note(node) : this.block(node, 0);
    const { places, tasks, codes } = this;
    return { element, places, tasks, codes, notes: this.spans.notes };
  }

  private block(node: SyntaxNode, depth: number): HTMLElement | null {
    if (depth > MAX_DEPTH) return this.raw(node);
    const level = levelOf(node);
    if (level > 0) return this.heading(node, level, depth);
    switch (node.name) {
      case "Paragraph":
        return this.spans.all(element("p"), node, depth);
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
    this.spans.inline(result, node, from, to, depth);
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
      const li = element("li");
      this.place(item.from, li);
      this.withBlocks(li, item, depth, tight);
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
    this.spans.inline(result, node, marker?.to ?? node.from, node.to, depth);
    const label = result.textContent?.trim().slice(0, 200);
    if (label) box.setAttribute("aria-label", label);
    result.prepend(box);
    if (marker) this.tasks.push({ at: marker.from - this.from, box });
    return result;
  }

  private code(node: SyntaxNode): HTMLElement {
    const pre = element("pre");
    const code = element("code");
    const parts = node.getChildren("CodeText");
    for (const part of parts) code.append(this.text(part));
    const info = node.getChild("CodeInfo");
    const language = (info && this.text(info).split(/\s/)[0]) ?? "";
    if (language) {
      pre.setAttribute("data-language", language.slice(0, 40));
      this.codes.push({ code, language });
    }
    pre.append(code);
    // The fences have no counterpart: the text of the code stands beside the text of the code.
    const [first, last] = [parts[0], parts.at(-1)];
    if (first) this.place(first.from, code);
    if (last) this.place(last.to, code, true);
    return this.context.buttons ? withCopyButton(pre, this.context.buttons.copyCode) : pre;
  }

  private table(node: SyntaxNode, depth: number): HTMLElement {
    const wrapper = element("div");
    wrapper.className = "table";
    const table = wrapper.appendChild(element("table"));
    const delimiter = node.getChild("TableDelimiter");
    const alignments = delimiter ? alignmentsOf(this.text(delimiter)) : [];
    const row = (source: SyntaxNode, cell: "th" | "td") => {
      const tr = element("tr");
      this.place(source.from, tr);
      const cells = this.cells(source);
      for (let column = 0; column < Math.max(alignments.length, 1); column++) {
        const td = tr.appendChild(element(cell));
        const alignment = alignments[column];
        if (alignment) td.className = alignment;
        const content = cells[column];
        if (content) this.spans.all(td, content, depth);
        if ((td.textContent?.length ?? 0) > LONG_CELL) td.classList.add("long");
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

  /** The words of a footnote, for the list at the end. */
  private note(node: SyntaxNode): HTMLElement {
    const result = element("li");
    this.withBlocks(result, node, 0, false);
    return result;
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

  private place(position: number, element: HTMLElement, lower = false) {
    this.places.push({ at: position - this.from, element, lower });
  }

  private text(node: { from: number; to: number }): string {
    return this.context.slice(node.from, node.to);
  }
}

/** A cell of more characters is one of words, not of a word or a number. */
const LONG_CELL = 40;

const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"] as const;

/** The button stands beside what scrolls, so that it stays in its corner. */
function withCopyButton(pre: HTMLElement, label: string): HTMLElement {
  const wrapper = element("div");
  wrapper.className = "code";
  const button = element("button");
  button.className = "copy";
  button.setAttribute("type", "button");
  button.setAttribute("aria-label", label);
  button.setAttribute("title", label);
  wrapper.append(pre, button);
  return wrapper;
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
