/** The elements that rendered Markdown is made of: by name, from those that HTML knows, and never from text. */

type Tag = keyof HTMLElementTagNameMap;

export function element(tag: Tag): HTMLElement {
  return document.createElement(tag);
}

/** A link to another site. */
export function anchor(href: string): HTMLElement {
  const a = element("a");
  a.setAttribute("href", href);
  a.setAttribute("target", "_blank");
  a.setAttribute("rel", "noopener noreferrer nofollow ugc");
  return a;
}
