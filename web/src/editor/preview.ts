/**
 * Keeps a rendered view of a Markdown document up to date in the browser's idle time. What did not change is neither
 * parsed (the parser reuses the fragments of the last tree) nor rendered (blocks that no change touched keep their nodes).
 */
import { DocInput } from "@codemirror/language";
import type { ChangeDesc, Text } from "@codemirror/state";
import {
  type ChangedRange,
  type NodeType,
  type PartialParse,
  type SyntaxNode,
  type Tree,
  TreeFragment,
} from "@lezer/common";
import { markdownParser } from "./markdown";
import { normalizeLabel, plain, type References, renderBlock } from "./render";
import { Sections } from "./sections";

/** Parsing gives way to the page after this long. */
const SLICE_MS = 8;
/** With steady typing the idle time may never come; the preview then is this late at most. */
const LATEST_MS = 300;

/** A block keeps its element for as long as its source is the same, and the references are. */
interface Block {
  /** What the parser took it for: the same words may become code when spaces are typed before them. */
  type: NodeType;
  from: number;
  to: number;
  element: HTMLElement | null;
}

export class MarkdownPreview {
  private blocks: Block[] = [];
  private referencesKey = "";
  private fragments: readonly TreeFragment[] = [];
  /** The document to show next, and how it differs from the one the fragments are of. */
  private next: { doc: Text; changes: ChangeDesc | null } | null = null;
  /** The document being parsed, and where it differs from the one that is shown; null when that is not known. */
  private parsing: { doc: Text; changed: readonly ChangedRange[] | null; parse: PartialParse } | null = null;
  private cancelIdle: (() => void) | null = null;

  private readonly sections: Sections;

  /** @param host the element that holds what is rendered, and nothing else */
  constructor(host: HTMLElement) {
    this.sections = new Sections(host);
  }

  /** Shows `doc`, soon. `changes` lead to it from the document of the call before; null when that is not known. */
  show(doc: Text, changes: ChangeDesc | null) {
    const known = this.next ? this.next.changes : undefined;
    const composed = known === undefined ? changes : known && changes && known.composeDesc(changes);
    this.next = { doc, changes: composed };
    this.schedule();
  }

  /** Shows what is due at once. */
  flush() {
    while (this.next || this.parsing) this.work(Number.POSITIVE_INFINITY);
  }

  destroy() {
    this.cancelIdle?.();
    this.cancelIdle = null;
    this.next = null;
    this.parsing = null;
  }

  /** How far down the host, in pixels, the text at `position` is shown. */
  topOf(position: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.blocks[middle]?.from ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    const block = this.shown(low);
    if (!block) return 0;
    const through = (position - block.from) / Math.max(1, block.to - block.from);
    return (
      this.sections.topOf(block.element) + Math.min(1, Math.max(0, through)) * block.element.offsetHeight
    );
  }

  /** Which position of the text is shown `top` pixels down the host. */
  positionAt(top: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const shown = this.shown(middle);
      if (!shown || this.sections.beginsAbove(shown.element, top)) low = middle;
      else high = middle - 1;
    }
    const block = this.shown(low);
    if (!block) return 0;
    const through = (top - this.sections.topOf(block.element)) / Math.max(1, block.element.offsetHeight);
    return Math.round(block.from + Math.min(1, Math.max(0, through)) * (block.to - block.from));
  }

  /** The block at `index`, or the closest before it that shows anything. */
  private shown(index: number): (Block & { element: HTMLElement }) | null {
    for (let at = index; at >= 0; at--) {
      const block = this.blocks[at];
      if (block?.element) return block as Block & { element: HTMLElement };
    }
    return null;
  }

  private schedule() {
    if (this.cancelIdle || (!this.next && !this.parsing)) return;
    this.cancelIdle = whenIdle((deadline) => {
      this.cancelIdle = null;
      this.work(deadline);
      this.schedule();
    });
  }

  private work(deadline: number) {
    if (!this.parsing && this.next) {
      const { doc, changes } = this.next;
      this.next = null;
      const changed = changes && rangesOf(changes);
      this.fragments = changed ? TreeFragment.applyChanges(this.fragments, changed) : [];
      const parse = markdownParser.startParse(new DocInput(doc), this.fragments);
      this.parsing = { doc, changed, parse };
    }
    if (!this.parsing) return;
    const { doc, changed, parse } = this.parsing;
    for (;;) {
      const tree = parse.advance();
      if (tree) {
        this.parsing = null;
        this.fragments = TreeFragment.addTree(tree);
        this.render(tree, doc, changed);
        return;
      }
      if (performance.now() >= deadline) return;
    }
  }

  private render(tree: Tree, doc: Text, changed: readonly ChangedRange[] | null) {
    const slice = (from: number, to: number) => doc.sliceString(from, to);
    const nodes: SyntaxNode[] = [];
    const references = new Map<string, string>();
    for (let node = tree.topNode.firstChild; node; node = node.nextSibling) {
      nodes.push(node);
      if (node.name !== "LinkReference") continue;
      const label = node.getChild("LinkLabel");
      const url = node.getChild("URL");
      if (!label || !url) continue;
      const key = normalizeLabel(slice(label.from + 1, label.to - 1));
      // The first definition counts.
      if (!references.has(key)) references.set(key, plain(slice(url.from, url.to)));
    }

    const same = this.sameReferences(references) && changed !== null;
    const kept = same ? untouched(this.blocks, changed) : [];
    const shown = new Set(this.blocks);
    let next = 0;
    const blocks = nodes.map((node): Block => {
      while ((kept[next]?.from ?? node.from) < node.from) next++;
      const block = kept[next];
      if (block?.from !== node.from || block.to !== node.to || block.type !== node.type) {
        const { type, from, to } = node;
        return { type, from, to, element: renderBlock(node, { slice, references }) };
      }
      shown.delete(block);
      return block;
    });
    for (const { element } of shown) element?.remove();
    this.sections.show(blocks.flatMap(({ element }) => element ?? []));
    this.blocks = blocks;
  }

  /** A block may use any reference, so when those change everything is rendered anew. */
  private sameReferences(references: References): boolean {
    const key = JSON.stringify([...references]);
    if (key === this.referencesKey) return true;
    this.referencesKey = key;
    return false;
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

function rangesOf(changes: ChangeDesc): ChangedRange[] {
  const ranges: ChangedRange[] = [];
  changes.iterChangedRanges((fromA, toA, fromB, toB) => ranges.push({ fromA, toA, fromB, toB }));
  return ranges;
}

/** Calls back in idle time with the moment to stop at, in `performance.now()`'s milliseconds. */
function whenIdle(run: (deadline: number) => void): () => void {
  // Safari has no idle callbacks.
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(() => run(performance.now() + SLICE_MS), 60);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(
    (idle) => run(performance.now() + Math.max(SLICE_MS, idle.timeRemaining())),
    {
      timeout: LATEST_MS,
    },
  );
  return () => cancelIdleCallback(handle);
}
