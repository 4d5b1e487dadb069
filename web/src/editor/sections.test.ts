// @vitest-environment happy-dom
import { describe, expect, test } from "vitest";
import { Sections } from "./sections";

describe("sections", () => {
  function shown(count: number) {
    const host = document.createElement("article");
    const sections = new Sections(host);
    let made = 0;
    const make = () => {
      const block = document.createElement("p");
      block.append(String(made++));
      return block;
    };
    const state = { blocks: Array.from({ length: count }, make) };
    sections.show(state.blocks);
    /** Replaces `removed` blocks at `at` by `added` new ones. */
    const edit = (at: number, removed: number, added: number) => {
      const gone = state.blocks.splice(at, removed, ...Array.from({ length: added }, make));
      for (const block of gone) block.remove();
      sections.show(state.blocks);
    };
    return { host, state, edit };
  }

  const inOrder = (host: HTMLElement) => [...host.querySelectorAll("p")];

  test("are not needed for few blocks", () => {
    const { host, state } = shown(50);
    expect([...host.children]).toEqual(state.blocks);
  });

  test("hold the blocks of a long document, a few dozen each", () => {
    const { host, state } = shown(3000);
    expect(inOrder(host)).toEqual(state.blocks);
    expect(Math.max(...[...host.children].map((section) => section.childElementCount))).toBeLessThan(150);
    expect(host.childElementCount).toBeGreaterThan(20);
  });

  test("take what reaches beyond one that was never in view to be at its end", () => {
    const { host } = shown(3000);
    const section = host.children[3] as HTMLElement;
    const first = section.firstElementChild as HTMLElement;
    const last = section.lastElementChild as HTMLElement;
    const rect = (top: number, bottom: number) => () => ({ top, bottom }) as DOMRect;
    section.getBoundingClientRect = rect(100, 500);
    first.getBoundingClientRect = rect(100, 140);
    last.getBoundingClientRect = rect(900, 940);
    const sections = new Sections(host);
    expect(sections.edgeOf(first, false)).toBe(100);
    expect(sections.edgeOf(first, true)).toBe(140);
    expect(sections.edgeOf(last, false)).toBe(500);
  });

  test("come and go as the document grows and shrinks", () => {
    const { host, state, edit } = shown(3);
    edit(1, 1, 2000);
    expect(inOrder(host)).toEqual(state.blocks);
    expect(host.childElementCount).toBeGreaterThan(10);
    edit(2, 1990, 0);
    expect([...host.children]).toEqual(state.blocks);
    edit(0, state.blocks.length, 0);
    expect(host.childElementCount).toBe(0);
  });

  test("keep the order, whatever is edited, and stay of a bearable size", () => {
    for (let seed = 1; seed <= 4; seed++) {
      let random = seed * 7919;
      const next = (below: number) => {
        random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
        return (random >> 8) % below;
      };
      const { host, state, edit } = shown(next(800));
      for (let step = 0; step < 25; step++) {
        const at = next(state.blocks.length + 1);
        edit(
          at,
          Math.min(state.blocks.length - at, next(5) === 0 ? next(300) : next(3)),
          next(4) === 0 ? next(300) : next(3),
        );
        expect(inOrder(host), `seed ${seed}`).toEqual(state.blocks);
        for (const section of host.querySelectorAll(".section")) {
          expect(section.childElementCount, `seed ${seed}`).toBeGreaterThan(0);
          expect(section.childElementCount, `seed ${seed}`).toBeLessThan(150);
        }
      }
    }
  });
});
