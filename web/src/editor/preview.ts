/**
 * Keeps a rendered view of a Markdown document up to date in the browser's idle time. What did not change is neither
 * parsed (the parser reuses the fragments of the last tree) nor rendered (blocks with the same source keep their nodes).
 */
import { DocInput } from "@codemirror/language";
import type { ChangeDesc, Text } from "@codemirror/state";
import { type ChangedRange, type PartialParse, type Tree, TreeFragment } from "@lezer/common";
import { markdownParser } from "./markdown";
import { normalizeLabel, plain, type References, renderBlock } from "./render";

/** Parsing gives way to the page after this long. */
const SLICE_MS = 8;
/** With steady typing the idle time may never come; the preview then is this late at most. */
const LATEST_MS = 300;

interface Block {
  /** The block's source; the same source renders to the same nodes, as long as the references are the same. */
  source: string;
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
  private parsing: { doc: Text; parse: PartialParse } | null = null;
  private cancelIdle: (() => void) | null = null;

  /** @param host the element that holds the blocks, and nothing else */
  constructor(private readonly host: HTMLElement) {}

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
    return block.element.offsetTop + Math.min(1, Math.max(0, through)) * block.element.offsetHeight;
  }

  /** Which position of the text is shown `top` pixels down the host. */
  positionAt(top: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.shown(middle)?.element.offsetTop ?? 0) <= top) low = middle;
      else high = middle - 1;
    }
    const block = this.shown(low);
    if (!block) return 0;
    const through = (top - block.element.offsetTop) / Math.max(1, block.element.offsetHeight);
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
      this.fragments = changes ? TreeFragment.applyChanges(this.fragments, rangesOf(changes)) : [];
      this.parsing = { doc, parse: markdownParser.startParse(new DocInput(doc), this.fragments) };
    }
    if (!this.parsing) return;
    const { doc, parse } = this.parsing;
    for (;;) {
      const tree = parse.advance();
      if (tree) {
        this.parsing = null;
        this.fragments = TreeFragment.addTree(tree);
        this.render(tree, doc);
        return;
      }
      if (performance.now() >= deadline) return;
    }
  }

  private render(tree: Tree, doc: Text) {
    const slice = (from: number, to: number) => doc.sliceString(from, to);
    const nodes: { node: NonNullable<typeof tree.topNode.firstChild>; source: string }[] = [];
    const references = new Map<string, string>();
    for (let node = tree.topNode.firstChild; node; node = node.nextSibling) {
      nodes.push({ node, source: slice(node.from, node.to) });
      if (node.name !== "LinkReference") continue;
      const label = node.getChild("LinkLabel");
      const url = node.getChild("URL");
      if (!label || !url) continue;
      const key = normalizeLabel(slice(label.from + 1, label.to - 1));
      // The first definition counts.
      if (!references.has(key)) references.set(key, plain(slice(url.from, url.to)));
    }
    const old = this.forgetIfReferencesChanged(references);

    let start = 0;
    while (start < old.length && start < nodes.length && old[start]?.source === nodes[start]?.source) start++;
    let end = 0;
    while (
      end < old.length - start &&
      end < nodes.length - start &&
      old[old.length - 1 - end]?.source === nodes[nodes.length - 1 - end]?.source
    ) {
      end++;
    }

    for (const block of old.slice(start, old.length - end)) block.element?.remove();
    const kept = old.slice(old.length - end);
    const before = kept.find((block) => block.element)?.element ?? null;
    this.blocks = nodes.map(({ node, source }, index) => {
      const { from, to } = node;
      const reused = index < start ? old[index] : kept[index - (nodes.length - end)];
      if (reused) return { source, from, to, element: reused.element };
      const element = renderBlock(node, { slice, references });
      if (element) this.host.insertBefore(element, before);
      return { source, from, to, element };
    });
  }

  /** A block may use any reference, so when those change everything is rendered anew. */
  private forgetIfReferencesChanged(references: References): Block[] {
    const key = JSON.stringify([...references]);
    if (key === this.referencesKey) return this.blocks;
    this.referencesKey = key;
    for (const block of this.blocks) block.element?.remove();
    return [];
  }
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
