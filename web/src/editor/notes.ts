/** The footnotes at the end of a rendered document: those that are referred to, in that order, each with its ways back. */
import { element } from "./elements";
import type { NoteLink } from "./spans";

export interface NoteWords {
  footnotes: string;
  /** What leads back from a note to the text, of several references the `nth`. */
  backToText: (nth: number) => string;
}

/** A block of the document, as far as footnotes are concerned. */
export interface Noted {
  /** The label of the note that stands here; null of what is no note. */
  readonly defines: string | null;
  /** The labels of the notes that are referred to here, in the order of the text. */
  readonly refers: readonly string[];
}

/** A reference: which block it is in, and which of those there. */
export interface Reference<Block> {
  block: Block;
  nth: number;
}

export interface Note<Block> {
  block: Block;
  references: Reference<Block>[];
}

/** The notes that are referred to, by label, in the order in which a reader meets them. Notes may refer to notes. */
export function notesOf<Block extends Noted>(blocks: readonly Block[]): Map<string, Note<Block>> {
  const defined = new Map<string, Block>();
  for (const block of blocks) {
    // The first definition counts.
    if (block.defines !== null && !defined.has(block.defines)) defined.set(block.defines, block);
  }
  const notes = new Map<string, Note<Block>>();
  if (defined.size === 0) return notes;
  const look = (block: Block) => {
    for (const [nth, label] of block.refers.entries()) {
      const definition = defined.get(label);
      if (!definition) continue;
      const note = notes.get(label) ?? { block: definition, references: [] };
      notes.set(label, note);
      note.references.push({ block, nth });
    }
  };
  for (const block of blocks) if (block.defines === null) look(block);
  // Grows while it is walked through, by the notes that are referred to in notes.
  for (const { block } of notes.values()) look(block);
  return notes;
}

/** Gives references their numbers. */
export function number(links: readonly NoteLink[], numbers: ReadonlyMap<string, number>) {
  for (const { label, link } of links) {
    const text = String(numbers.get(label) ?? label);
    if (link.textContent !== text) link.textContent = text;
  }
}

export class NoteList {
  readonly element = element("section");
  private readonly list = this.element.appendChild(element("ol"));

  constructor(private readonly words: NoteWords) {
    this.element.className = "footnotes";
    this.element.setAttribute("role", "doc-endnotes");
    this.element.setAttribute("aria-label", words.footnotes);
  }

  /** @param notes each as its item, how many references there are to it, and what the address of the way back is */
  show(notes: readonly { item: HTMLElement; references: number; back: string }[]) {
    for (const { item, references, back } of notes) this.lead(item, references, back);
    const same = notes.length === this.list.childElementCount;
    if (same && notes.every(({ item }, n) => item === this.list.children[n])) return;
    this.list.replaceChildren(...notes.map(({ item }) => item));
  }

  /** Puts the ways back behind the last words of a note. */
  private lead(item: HTMLElement, references: number, back: string) {
    const last = item.lastElementChild;
    const place = last?.tagName === "P" ? (last as HTMLElement) : item;
    const there = place.querySelectorAll(":scope > .note-back");
    if (there.length === references) return;
    for (const link of there) link.remove();
    for (let nth = 1; nth <= references; nth++) {
      const link = element("a");
      link.className = "note-back";
      link.setAttribute("role", "doc-backlink");
      link.setAttribute("href", back);
      link.setAttribute("aria-label", this.words.backToText(nth));
      // Without the variation selector, some phones show an emoji.
      link.append("↩\ufe0e");
      if (nth > 1) link.appendChild(element("sup")).append(String(nth));
      place.append(" ", link);
    }
  }
}
