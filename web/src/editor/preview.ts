/**
 * Markdown as it will read. Blocks that no change touched keep their nodes; the others are rendered at once while they are few, and
 * otherwise in idle time, those in view first.
 */
import type { Text } from "@codemirror/state";
import type { ChangedRange, NodeType, SyntaxNode } from "@lezer/common";
import { plain } from "./addresses";
import { element } from "./elements";
import { whenIdle } from "./idle";
import { type Noted, NoteList, type NoteWords, notesOf, number } from "./notes";
import { headingText, levelOf } from "./outline";
import { Pictures } from "./pictures";
import type { Reading } from "./reader";
import { type RenderContext, type Rendered, renderBlock } from "./render";
import { Sections } from "./sections";
import { Slugs } from "./slugs";
import { normalizeLabel } from "./spans";

export interface PreviewWords extends NoteWords {
  copyCode: string;
  linkToSection: string;
  pictureRefused: string;
  pictureFailed: string;
}

export interface PreviewOptions {
  words: PreviewWords;
  /** The address of a section of this document. */
  sectionAddress(section: string): string;
  /** Where one of the document's own pictures, `images/name.png`, can be loaded from. */
  imageSource?: (address: string) => string | Promise<string>;
  /** Whether it is for paper, where nothing can be pressed and everything has to be there. */
  paper?: boolean;
  /** The part of the document that is looked at, which is rendered first. */
  seen?: () => { from: number; to: number };
  /** Called when something was rendered. */
  onRender?: (blocks: readonly Rendered[]) => void;
}

/** A block keeps its element for as long as its source is the same, and what it refers to is. */
interface Block extends Noted {
  refers: readonly string[];
  /** What the parser took it for: the same words may become code when spaces are typed before them. */
  readonly type: NodeType;
  from: number;
  to: number;
  /** The newest tree's, from which it is rendered. */
  node: SyntaxNode;
  /** Whether it is to be rendered, for the first time or again. */
  due: boolean;
  rendered: Rendered | null;
  /** What a heading says; null of what is none. */
  readonly heading: string | null;
  slug: string;
}

/** A place in the text beside the edge of an element. */
export interface Edge {
  position: number;
  element: HTMLElement;
  /** The lower edge, and not the upper one. */
  lower: boolean;
}

const NOTHING: Rendered = { element: null, places: [], tasks: [], notes: [], codes: [] };

export class MarkdownPreview {
  readonly pictures: Pictures;
  private blocks: readonly Block[] = [];
  private readonly blockOf = new WeakMap<Element, Block>();
  private definitionsKey = "";
  private references: ReadonlyMap<string, string> = new Map();
  private footnotes: ReadonlySet<string> = new Set();
  private doc: Text | null = null;
  private writable = false;
  private cancelIdle: (() => void) | null = null;
  private readonly sections: Sections;
  private readonly notes: NoteList;

  /** @param host the element that holds what is rendered, and nothing else */
  constructor(
    private readonly host: HTMLElement,
    private readonly options: PreviewOptions,
  ) {
    const { imageSource, words, paper = false } = options;
    this.sections = new Sections(host);
    this.notes = new NoteList(words);
    this.pictures = new Pictures({ imageSource, words, eager: paper });
  }

  /** Shows a document that was read: what is in view at once, the rest soon. */
  show({ tree, doc, changed }: Reading) {
    const nodes: SyntaxNode[] = [];
    for (let node = tree.topNode.firstChild; node; node = node.nextSibling) nodes.push(node);
    this.doc = doc;
    const known = this.define(nodes);

    const kept = changed ? untouched(this.blocks, changed) : [];
    const gone = new Set(this.blocks);
    const focused = this.focused();
    let next = 0;
    const blocks = nodes.map((node): Block => {
      while ((kept[next]?.from ?? node.from) < node.from) next++;
      const block = kept[next];
      if (block?.from !== node.from || block.to !== node.to || block.type !== node.type)
        return this.begin(node);
      gone.delete(block);
      block.node = node;
      if (!known && this.slice(node.from, node.to).includes("[")) {
        // What it refers to may be something else now.
        const { refers } = this.begin(node);
        Object.assign(block, { refers, due: true });
      }
      return block;
    });
    // The control that somebody is at is another, if its block was rendered again.
    const again = focused >= 0 ? this.focusIn(this.blocks[focused], blocks[focused]) : null;
    for (const { rendered } of gone) rendered?.element?.remove();
    this.blocks = blocks;
    this.nameSections();
    this.render(performance.now() + SHOW_MS);
    again?.();
    this.schedule();
  }

  /** Renders all that is due. */
  flush() {
    this.render(Number.POSITIVE_INFINITY);
  }

  /** Whether boxes of tasks can be pressed. */
  setWritable(writable: boolean) {
    this.writable = writable;
    for (const { rendered } of this.blocks)
      for (const { box } of rendered?.tasks ?? []) box.disabled = !writable;
  }

  destroy() {
    this.cancelIdle?.();
    this.cancelIdle = null;
    this.blocks = [];
  }

  /** The number of the last shown block that begins at `position` or before it; of the first, if none does; -1 while nothing is shown. */
  indexAt(position: number): number {
    return this.shownNear(this.last(({ from }) => from <= position));
  }

  /** The same of the last that begins at most `top` pixels down the host. */
  indexAbove(top: number): number {
    const early = (_block: Block, index: number) => {
      const block = this.blocks[this.shown(index, -1)];
      return !block?.rendered?.element || this.sections.beginsAbove(block.rendered.element, top);
    };
    return this.shownNear(this.last(early));
  }

  /** The edges of a block and of what is inside of it, down to the block that is shown next, in the order of the text. */
  edges(index: number): Edge[] {
    const block = this.blocks[index];
    const { element, places } = block?.rendered ?? NOTHING;
    if (!block || !element) return [];
    const edges: Edge[] = [{ position: block.from, element, lower: false }];
    for (const { at, element, lower } of places) edges.push({ position: block.from + at, element, lower });
    edges.push({ position: block.to, element, lower: true });
    const next = this.blocks[this.shown(index + 1, 1)];
    if (next?.rendered?.element)
      edges.push({ position: next.from, element: next.rendered.element, lower: false });
    return edges;
  }

  /** How far down the browser's viewport an edge is. */
  measure({ element, lower }: Edge): number {
    return this.sections.edgeOf(element, lower);
  }

  /** Where the block that begins at `position` or before it stands; null if none does. */
  elementAt(position: number): HTMLElement | null {
    return this.blocks[this.indexAt(position)]?.rendered?.element ?? null;
  }

  /** What a section is called in addresses, by its heading; null of what is no heading of a section. */
  sectionOf(heading: Element): string | null {
    return this.blockOf.get(heading)?.slug || null;
  }

  /** Where the heading of a section begins; null if there is none. */
  sectionAt(slug: string): number | null {
    return this.blocks.find((block) => block.slug === slug)?.from ?? null;
  }

  /** Where the `[ ]` of a task's box stands; null of any other element. */
  taskAt(box: Element): number | null {
    for (const { from, rendered } of this.blocks) {
      const task = rendered?.tasks.find((task) => task.box === box);
      if (task) return from + task.at;
    }
    return null;
  }

  /** What a reference leads to: its note. */
  noteOf(link: Element): HTMLElement | null {
    for (const { rendered } of this.blocks) {
      const found = rendered?.notes.find((note) => note.link === link);
      if (found) return notesOf(this.blocks).get(found.label)?.block.rendered?.element ?? null;
    }
    return null;
  }

  /** What a way back from a note leads to: the reference. */
  referenceOf(back: Element): HTMLElement | null {
    const note = [...notesOf(this.blocks).values()].find(({ block }) =>
      block.rendered?.element?.contains(back),
    );
    const nth = [...(back.parentElement?.querySelectorAll(":scope > .note-back") ?? [])].indexOf(back);
    const reference = note?.references[nth];
    if (!reference) return null;
    if (!reference.block.rendered) this.flush();
    return reference.block.rendered?.notes[reference.nth]?.link ?? null;
  }

  private begin(node: SyntaxNode): Block {
    const { type, from, to } = node;
    const slice = (from: number, to: number) => this.slice(from, to);
    return {
      type,
      from,
      to,
      node,
      due: true,
      rendered: null,
      defines: labelOf(node, slice),
      refers: this.footnotes.size > 0 && slice(from, to).includes("[^") ? referencesIn(node, slice) : [],
      heading: levelOf(node) > 0 ? headingText(node, slice) : null,
      slug: "",
    };
  }

  /** Learns what is defined for the whole document; false if that is not what it was. */
  private define(nodes: readonly SyntaxNode[]): boolean {
    const slice = (from: number, to: number) => this.slice(from, to);
    const references = new Map<string, string>();
    const footnotes = new Set<string>();
    for (const node of nodes) {
      if (node.name === "FootnoteDefinition") footnotes.add(labelOf(node, slice) ?? "");
      if (node.name !== "LinkReference") continue;
      const label = node.getChild("LinkLabel");
      const url = node.getChild("URL");
      if (!label || !url) continue;
      const key = normalizeLabel(slice(label.from + 1, label.to - 1));
      // The first definition counts.
      if (!references.has(key)) references.set(key, plain(slice(url.from, url.to)));
    }
    const key = JSON.stringify([[...references], [...footnotes].sort()]);
    if (key === this.definitionsKey) return true;
    this.definitionsKey = key;
    this.references = references;
    this.footnotes = footnotes;
    return false;
  }

  private nameSections() {
    const slugs = new Slugs();
    for (const block of this.blocks) {
      if (block.heading === null) continue;
      const slug = slugs.next(block.heading);
      if (slug === block.slug) continue;
      block.slug = slug;
      this.link(block);
    }
  }

  private schedule() {
    if (this.cancelIdle || !this.blocks.some(({ due }) => due)) return;
    this.cancelIdle = whenIdle((deadline) => {
      this.cancelIdle = null;
      this.render(deadline);
      this.schedule();
    });
  }

  /** Renders what is due: what is looked at, and of the rest as much as there is time for. */
  private render(deadline: number) {
    const slice = (from: number, to: number) => this.slice(from, to);
    const { references, footnotes, pictures, options } = this;
    const { words, sectionAddress, paper } = options;
    const buttons = paper ? null : words;
    const context: RenderContext = { slice, references, footnotes, sectionAddress, pictures, buttons };
    const { from, to } = options.seen?.() ?? { from: 0, to: 0 };
    const done: Rendered[] = [];
    for (const block of dueFrom(
      this.blocks,
      this.last((block) => block.from <= from),
    )) {
      const inView = block.to >= from && block.from <= to;
      if (!inView && performance.now() >= deadline) break;
      const { element: before } = block.rendered ?? NOTHING;
      block.rendered = renderBlock(block.node, context);
      block.due = false;
      block.refers = block.rendered.notes.map(({ label }) => label);
      done.push(block.rendered);
      const { element } = block.rendered;
      if (!element) continue;
      this.blockOf.set(element, block);
      this.link(block);
      for (const { box } of block.rendered.tasks) box.disabled = !this.writable;
      if (before && block.defines === null) before.replaceWith(element);
    }
    this.place();
    if (done.length > 0) options.onRender?.(done);
  }

  /** Puts what is rendered where it belongs: the flow of the text, and behind it the footnotes. */
  private place() {
    const shown = this.blocks.flatMap(
      ({ rendered, defines }) => (defines === null && rendered?.element) || [],
    );
    const notes = notesOf(this.blocks);
    const numbers = new Map([...notes.keys()].map((label, index) => [label, index + 1]));
    const ready = [...notes].flatMap(([label, { block, references }]) => {
      const item = block.rendered?.element;
      const back = this.options.sectionAddress(`fnref-${label}`);
      return item ? { item, references: this.options.paper ? 0 : references.length, back } : [];
    });
    if (this.footnotes.size > 0) {
      for (const { rendered } of this.blocks) if (rendered) number(rendered.notes, numbers);
    }
    this.notes.show(ready);
    if (ready.length > 0) shown.push(this.notes.element);
    else this.notes.element.remove();
    this.sections.show(shown);
  }

  /** Gives a heading the link to its section. */
  private link({ slug, rendered }: Block) {
    const heading = rendered?.element;
    if (!heading || slug === "" || this.options.paper) return;
    let link = heading.querySelector(":scope > .heading-link");
    if (!link) {
      link = element("a");
      link.className = "heading-link";
      link.setAttribute("aria-label", this.options.words.linkToSection);
      link.setAttribute("title", this.options.words.linkToSection);
      heading.append(link);
    }
    link.setAttribute("href", this.options.sectionAddress(slug));
  }

  /** What gives the focus to the control of `after` that stands where one of `before` has it. */
  private focusIn(before: Block | undefined, after: Block | undefined): (() => void) | null {
    if (!before || !after || before === after) return null;
    const controls = (block: Block) => [
      ...(block.rendered?.element?.querySelectorAll<HTMLElement>("a[href], button, input") ?? []),
    ];
    const index = controls(before).indexOf(document.activeElement as HTMLElement);
    return index < 0 ? null : () => controls(after)[index]?.focus({ preventScroll: true });
  }

  /** The number of the last block that is `early`, as all before it are; -1 if none is. */
  private last(early: (block: Block, index: number) => boolean): number {
    let low = -1;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const block = this.blocks[middle];
      if (block && early(block, middle)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The number of the block at `index`, or of the closest `step` by `step` from there that shows anything in the flow of the text. */
  private shown(index: number, step: 1 | -1): number {
    for (let at = index; at >= 0 && at < this.blocks.length; at += step) {
      const block = this.blocks[at];
      if (block?.rendered?.element && block.defines === null) return at;
    }
    return -1;
  }

  private shownNear(index: number): number {
    const before = this.shown(index, -1);
    return before >= 0 ? before : this.shown(index + 1, 1);
  }

  /** The number of the block that has the focus; -1 if none has. */
  private focused(): number {
    const { activeElement } = document;
    if (!activeElement || activeElement === this.host || !this.host.contains(activeElement)) return -1;
    return this.blocks.findIndex(({ rendered }) => rendered?.element?.contains(activeElement));
  }

  private slice(from: number, to: number): string {
    return this.doc?.sliceString(from, to) ?? "";
  }
}

/** What a change shows is rendered at once, if it takes no longer than this. */
const SHOW_MS = 12;

/** The blocks that are to be rendered: from `start` to the end, and then backwards to the beginning. */
function* dueFrom(blocks: readonly Block[], start: number): Iterable<Block> {
  for (let index = Math.max(0, start); index < blocks.length; index++) {
    const block = blocks[index];
    if (block?.due) yield block;
  }
  for (let index = start - 1; index >= 0; index--) {
    const block = blocks[index];
    if (block?.due) yield block;
  }
}

/** The blocks that no change reached into, moved to where they are after the changes. */
function untouched(blocks: readonly Block[], changed: readonly ChangedRange[]): Block[] {
  let next = 0;
  let shift = 0;
  return blocks.filter((block) => {
    for (let range = changed[next]; range && range.toA <= block.from; range = changed[++next]) {
      shift = range.toB - range.toA;
    }
    if ((changed[next]?.fromA ?? block.to) < block.to) return false;
    block.from += shift;
    block.to += shift;
    return true;
  });
}

type Slice = (from: number, to: number) => string;

/** The label of the footnote that stands in a block. */
function labelOf(node: SyntaxNode, slice: Slice): string | null {
  const label = node.name === "FootnoteDefinition" ? node.getChild("FootnoteLabel") : null;
  return label && normalizeLabel(slice(label.from, label.to));
}

/** The footnotes that a block refers to. */
function referencesIn(node: SyntaxNode, slice: Slice): string[] {
  const labels: string[] = [];
  node.cursor().iterate(({ name, node }) => {
    const label = name === "FootnoteReference" ? node.getChild("FootnoteLabel") : null;
    if (label) labels.push(normalizeLabel(slice(label.from, label.to)));
  });
  return labels;
}
