/** Where in a document its reader is: what its editor, its preview and its outline know of each other. */
import { type Editor, goTo, type ShownPreview } from "../editor";
import { linkIn, recall, remember } from "../service";
import { sectionAddress } from "./router";
import type { View } from "./ViewSwitch.svelte";

export class Navigation {
  /** The editor's view, once it is there. */
  view: Editor["view"] | null = $state.raw(null);
  /** The preview, while it is shown. */
  preview: ShownPreview | null = $state.raw(null);
  /** Whether the outline stands beside the text. */
  outlined: boolean = $state(recall("outline") === "open");

  /** @param shown which sides of the document are seen */
  constructor(private readonly shown: () => View) {}

  /** Whether the preview is all that is seen. */
  get unseenSource(): boolean {
    return this.shown() === "preview";
  }

  toggleOutline() {
    this.outlined = !this.outlined;
    remember("outline", this.outlined ? "open" : null);
  }

  /** Goes to a place in the text. */
  goTo(position: number) {
    if (!this.view) return;
    const writes = !this.unseenSource;
    goTo(this.view, position, writes);
    // A phone's keyboard would cover where one went.
    if (writes && matchMedia("(pointer: fine)").matches) this.view.focus();
    this.preview?.pointOut(position);
  }

  /**
   * Goes to the sections that the page's address names, now and whenever it changes.
   *
   * @returns the function that ends it
   */
  followAddress(): () => void {
    const go = async () => {
      if (location.hash.length < 2 || linkIn(location.hash) !== null) return;
      const { goToSection } = await import("./sections");
      goToSection(this, location.hash);
    };
    // Without a connection it is not worth a word: the page is at its beginning.
    const quietly = () => go().catch(() => {});
    quietly();
    addEventListener("hashchange", quietly);
    return () => removeEventListener("hashchange", quietly);
  }

  /** Goes to a section, and puts it into the address, so that the way back leads here. */
  visit(section: string) {
    const address = sectionAddress(section);
    // The same once more is no change of the address.
    if (location.href === new URL(address, location.href).href)
      dispatchEvent(new HashChangeEvent("hashchange"));
    else location.href = address;
  }
}
