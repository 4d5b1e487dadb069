/** What the server wrote of a document into its page (src/http/glimpse.rs), read until the document itself is here. */
import type { Kind } from "../editor";
import { parseKind } from "../service";

class Glimpse {
  // Made before the skeleton leaves, with which all of it would leave too.
  private lines = $state.raw(document.querySelector<HTMLElement>(".skeleton > .glimpse"));
  private readonly scrolled = this.lines?.scrollTop ?? 0;
  readonly title = document.querySelector("b.skeleton-title")?.textContent ?? null;
  readonly kind: Kind | null = this.lines && parseKind(this.lines.dataset.kind ?? "");
  /** Whether whoever asked for the page may only read. */
  readonly readOnly = this.lines?.dataset.readonly !== undefined;

  /** Whether the first lines are there. */
  get there(): boolean {
    return this.lines !== null;
  }

  /** Shows the first lines over an editor that has no text yet. */
  show(host: HTMLElement) {
    if (!this.lines) return;
    host.append(this.lines);
    this.lines.scrollTop = this.scrolled;
  }

  /** The text is here, or will not come: it is where the lines were, as far down as somebody has read. */
  leave(scroller: HTMLElement) {
    if (!this.lines) return;
    this.lines.remove();
    this.lines = null;
    if (this.scrolled > 0) scroller.scrollTop = this.scrolled;
  }
}

/** A page shows one document for as long as it lives. */
export const glimpse = new Glimpse();
