/** The pictures of a rendered document: where they come from, and what stands in their place when they do not. */
import { ownImage, safeImage } from "./addresses";
import { element } from "./elements";

export interface PictureOptions {
  /** Where one of the document's own pictures, `images/name.png`, can be loaded from. */
  imageSource?: ((address: string) => string | Promise<string>) | undefined;
  words: { pictureRefused: string; pictureFailed: string };
  /** Whether they are loaded before they come into view. */
  eager?: boolean;
}

export class Pictures {
  private readonly failed = new Map<HTMLElement, () => HTMLElement>();

  constructor(private readonly options: PictureOptions) {}

  show(address: string, alt: string): HTMLElement {
    const { imageSource, words, eager } = this.options;
    const own = imageSource && ownImage(address);
    const source = own ? imageSource(own) : safeImage(address);
    if (source === null) return missing(alt || address.slice(0, 200), words.pictureRefused);
    const image = element("img") as HTMLImageElement;
    image.setAttribute("alt", alt);
    image.setAttribute("decoding", "async");
    image.setAttribute("loading", eager ? "eager" : "lazy");
    image.setAttribute("referrerpolicy", "no-referrer");
    const fail = () => {
      const instead = missing(alt || address.slice(0, 200), words.pictureFailed);
      this.failed.set(instead, () => this.show(address, alt));
      image.replaceWith(instead);
    };
    image.addEventListener("error", fail, { once: true });
    if (typeof source === "string") image.setAttribute("src", source);
    else source.then((address) => image.setAttribute("src", address), fail);
    return image;
  }

  /** Tries again with those that could not be loaded. */
  retry() {
    const failed = [...this.failed];
    this.failed.clear();
    for (const [instead, again] of failed) if (instead.isConnected) instead.replaceWith(again());
  }
}

function missing(words: string, why: string): HTMLElement {
  const result = element("span");
  result.className = "missing-image";
  const reason = element("small");
  reason.append(why);
  result.append(words, " ", reason);
  return result;
}
