/** What can be pressed in a preview: boxes of tasks, links inside the document, buttons that copy. */
import { sectionIn } from "./addresses";
import type { MarkdownPreview } from "./preview";

export interface Presses {
  /** Somebody ticked a task, whose `[ ]` stands at `at` in the document that the preview shows. False if that cannot be. */
  onTask: (at: number, done: boolean) => boolean;
  /** Somebody follows a link to a section. */
  onSection: (section: string) => void;
  /** Somebody wants a section's address, or a piece of code. True once they have it. */
  onCopy: (what: "link" | "code", text: string) => Promise<boolean>;
}

/** How long a button says that it has copied. */
const COPIED_MS = 1500;

/** Listens to what is pressed inside `host`; returns the function that stops it. */
export function pressable(host: HTMLElement, preview: MarkdownPreview, presses: Presses): () => void {
  const onclick = async (event: MouseEvent) => {
    const pressed = event.target instanceof Element ? event.target.closest("input, a, button") : null;
    if (!pressed) return;
    if (pressed instanceof HTMLInputElement) {
      const at = preview.taskAt(pressed);
      if (at === null || !presses.onTask(at, pressed.checked)) event.preventDefault();
      return;
    }
    // In another tab, it is a link like any other.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    switch (pressed.className) {
      case "section-link": {
        event.preventDefault();
        const section = sectionIn((pressed as HTMLAnchorElement).hash);
        if (section !== null) presses.onSection(section);
        break;
      }
      case "note-link":
      case "note-back": {
        event.preventDefault();
        const target =
          pressed.className === "note-link" ? preview.noteOf(pressed) : preview.referenceOf(pressed);
        if (target) arrive(target);
        break;
      }
      case "heading-link":
        event.preventDefault();
        if (await presses.onCopy("link", (pressed as HTMLAnchorElement).href)) say(pressed);
        break;
      case "copy": {
        const code = pressed.parentElement?.querySelector("code")?.textContent ?? "";
        if (await presses.onCopy("code", code)) say(pressed);
      }
    }
  };
  host.addEventListener("click", onclick);
  return () => host.removeEventListener("click", onclick);
}

/** Brings an element into view and points it out. */
export function arrive(element: HTMLElement) {
  element.scrollIntoView({ block: "center" });
  if (element.tabIndex < 0) element.setAttribute("tabindex", "-1");
  element.focus({ preventScroll: true });
  pointOut(element);
}

/** Shows for a moment which element is meant. */
export function pointOut(element: HTMLElement) {
  element.classList.remove("arrived");
  // Only what was laid out without the class begins its animation anew.
  void element.offsetWidth;
  element.classList.add("arrived");
  element.addEventListener("animationend", () => element.classList.remove("arrived"), { once: true });
}

function say(button: Element) {
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), COPIED_MS);
}
