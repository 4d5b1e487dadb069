/** Colours the code of a rendered document, whose languages load when they are needed: first it stands there plain. */
import { element } from "./elements";
import { whenIdle } from "./idle";
import type { Rendered } from "./render";

/** Code longer than this stays plain. */
const MAX_LENGTH = 50_000;

type Code = Rendered["codes"][number];

export class CodeColours {
  private readonly waiting = new Map<Element, Code>();
  private readonly near: IntersectionObserver | null;
  private readonly queue: Code[] = [];
  private cancelIdle: (() => void) | null = null;

  /** @param pane what scrolls: only code close to what is seen is coloured; null to have all of it coloured by `all` */
  constructor(pane: Element | null) {
    this.near =
      pane &&
      new IntersectionObserver(
        (entries) => {
          for (const { target, isIntersecting } of entries) if (isIntersecting) this.want(target);
        },
        { root: pane, rootMargin: "50%" },
      );
  }

  add(blocks: readonly Rendered[]) {
    for (const code of this.waiting.keys()) {
      if (code.isConnected) continue;
      this.near?.unobserve(code);
      this.waiting.delete(code);
    }
    for (const { codes } of blocks) {
      for (const code of codes) {
        if ((code.code.textContent?.length ?? 0) > MAX_LENGTH) continue;
        this.waiting.set(code.code, code);
        this.near?.observe(code.code);
      }
    }
  }

  /** Has `all` colour one more. */
  colour(code: HTMLElement, language: string) {
    this.waiting.set(code, { code, language });
  }

  /** Colours all that waits. */
  async all() {
    const codes = [...this.waiting.values()];
    this.waiting.clear();
    await Promise.all(codes.map(highlighted));
  }

  destroy() {
    this.near?.disconnect();
    this.cancelIdle?.();
    this.waiting.clear();
  }

  private want(target: Element) {
    this.near?.unobserve(target);
    const code = this.waiting.get(target);
    if (!code) return;
    this.waiting.delete(target);
    this.queue.push(code);
    this.schedule();
  }

  private schedule() {
    if (this.cancelIdle || this.queue.length === 0) return;
    this.cancelIdle = whenIdle(async (deadline) => {
      do {
        const code = this.queue.shift();
        if (code) await highlighted(code);
      } while (this.queue.length > 0 && performance.now() < deadline);
      this.cancelIdle = null;
      this.schedule();
    });
  }
}

async function highlighted({ code, language }: Code) {
  const pieces = document.createDocumentFragment();
  const text = code.textContent ?? "";
  const emit = (piece: string, classes: string) => {
    if (classes === "") pieces.append(piece);
    else {
      const span = element("span");
      span.className = classes;
      span.append(piece);
      pieces.append(span);
    }
  };
  const known = await highlight(text, language, emit).catch(() => false);
  // Colours never change what is said.
  if (known && pieces.textContent === text) code.replaceChildren(pieces);
}

async function highlight(code: string, language: string, emit: (text: string, classes: string) => void) {
  const { highlightCode, languageOfInfo, loadLanguage } = await import("./languages");
  const { id } = languageOfInfo(language) ?? {};
  if (!id || !(await loadLanguage(id))) return false;
  return highlightCode(code, id, emit);
}
