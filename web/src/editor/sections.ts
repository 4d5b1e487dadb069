/**
 * Puts the blocks of a long preview into sections, which the browser lays out and paints when they come into view. Without
 * them, every block of the document moves with each line that is typed. Knows elements and their order, nothing of Markdown.
 */

/** Blocks of a section at first; it is split when it has twice as many. */
const SECTION_BLOCKS = 64;

/** A preview of no more blocks than this goes without sections. */
const FEW_BLOCKS = 4 * SECTION_BLOCKS;

const SECTION = "section";

export class Sections {
  /** @param host holds the sections, or the blocks themselves while there are few, and nothing else */
  constructor(private readonly host: HTMLElement) {}

  /**
   * Shows `blocks`, in this order. Those that are shown already are in this order among themselves, and stay where they are; the
   * others have no parent yet.
   */
  show(blocks: readonly HTMLElement[]) {
    const few = blocks.length <= FEW_BLOCKS;
    if (few === this.divided()) this.start(few, blocks);
    let before: HTMLElement | null = null;
    for (const block of blocks) {
      if (!block.parentNode) {
        if (before) before.after(block);
        else (few ? this.host : this.host.firstElementChild)?.prepend(block);
      }
      before = block;
    }
    if (few) return;
    for (const section of [...this.host.children] as HTMLElement[]) {
      if (section.childElementCount === 0) section.remove();
      else if (section.childElementCount > 2 * SECTION_BLOCKS) split(section);
    }
  }

  /**
   * How far down the browser's viewport an edge of a shown element is. In a section that was never in view it is a guess: the section
   * is not as tall yet as what is in it. What reaches beyond it is taken to be at its end, or whoever scrolls there would pass it by.
   */
  edgeOf(element: HTMLElement, lower: boolean): number {
    const { top, bottom } = element.getBoundingClientRect();
    const edge = lower ? bottom : top;
    const section = element.closest(`.${SECTION}`);
    return section ? Math.min(edge, section.getBoundingClientRect().bottom) : edge;
  }

  /** Whether a shown block begins at most `top` pixels down the host. Asks for the layout of no section that is elsewhere. */
  beginsAbove(block: HTMLElement, top: number): boolean {
    const { parentElement: parent } = block;
    if (!parent || parent === this.host) return block.offsetTop <= top;
    if (parent.offsetTop > top) return false;
    if (parent.offsetTop + parent.offsetHeight <= top) return true;
    return parent.offsetTop + block.offsetTop <= top;
  }

  private divided(): boolean {
    return this.host.firstElementChild?.className === SECTION;
  }

  /** From blocks to sections, or back, as the document grows or shrinks past the bound. */
  private start(few: boolean, blocks: readonly HTMLElement[]) {
    const shown = blocks.filter((block) => block.parentNode);
    this.host.replaceChildren(...shown);
    if (few) return;
    const section = newSection();
    section.append(...shown);
    this.host.append(section);
  }
}

function split(section: HTMLElement) {
  while (section.childElementCount > SECTION_BLOCKS) {
    const rest = newSection();
    rest.append(...[...section.children].slice(-SECTION_BLOCKS));
    section.after(rest);
    estimate(rest);
  }
  estimate(section);
}

function newSection(): HTMLElement {
  const section = document.createElement("div");
  section.className = SECTION;
  return section;
}

/** Until a section was in view once, it is as tall as prose of its length would be, or the scroll bar would make no sense. */
function estimate(section: HTMLElement) {
  const lines = (section.textContent?.length ?? 0) / CHARACTERS_PER_LINE + section.childElementCount;
  section.style.setProperty("contain-intrinsic-block-size", `auto ${Math.ceil(lines * LINE_EM)}em`);
}

/** Between what a whole page has room for and half of one. */
const CHARACTERS_PER_LINE = 55;
/** The line height of `.prose`. */
const LINE_EM = 1.7;
