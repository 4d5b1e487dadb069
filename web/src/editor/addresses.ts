/** Which addresses of the writer's become links and pictures. Everything else is shown as words. */
import { decodeEntity } from "./entities";

const LINK_PROTOCOLS = new Set(["http:", "https:", "mailto:"]);
const IMAGE_DATA = /^data:image\/(?:png|jpe?g|gif|webp|avif);base64,[a-z0-9+/=\s]*$/i;
/** The document's own pictures, as they are put into the text. */
const OWN_IMAGE = /^(?:\.\/)?(images\/[a-z0-9_-]{1,128}\.(?:png|jpe?g|gif|webp|avif))$/i;
/** A place in the document. The fragments that links to documents have (`cwl_…`) are none. */
const SECTION = /^#((?!cwl_)[\p{L}\p{M}\p{N}\p{Pc}-]+)$/u;

/** An address to link to, or null. Only absolute web and mail addresses. */
export function safeLink(address: string): string | null {
  const url = parseUrl(address);
  return url && LINK_PROTOCOLS.has(url.protocol) ? url.href : null;
}

/** An address to load an image from, or null. Bitmaps only: an SVG may hold more than a picture. */
export function safeImage(address: string): string | null {
  if (IMAGE_DATA.test(address)) return address;
  const url = parseUrl(address);
  return url?.protocol === "https:" ? url.href : null;
}

/** The address of one of the document's own pictures, `images/name.png`, or null. */
export function ownImage(address: string): string | null {
  return OWN_IMAGE.exec(address)?.[1] ?? null;
}

/** The section that a fragment, `#like-this`, names; null of any other address. */
export function sectionIn(fragment: string): string | null {
  try {
    return SECTION.exec(decodeURIComponent(fragment))?.[1] ?? null;
  } catch {
    // Not encoded as addresses are.
    return null;
  }
}

/** An address as it stands in the text, without its angle brackets, backslashes and entities. */
export function plain(address: string): string {
  const bare = address.startsWith("<") && address.endsWith(">") ? address.slice(1, -1) : address;
  return bare.replace(/\\([!-/:-@[-`{-~])/g, "$1").replace(/&#?\w{1,31};/g, decodeEntity);
}

function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
