/**
 * The links by which documents are opened on this device. A link's token is in the fragment of its address, which browsers do not
 * send; it is taken out of sight at once, kept for its document, and shown to the server with every request about that document.
 */
import { recall, remember } from "./storage";

/** What the server takes for a link: its token, and behind a dot the proof that its password was given. */
const TOKEN = /^cwl_[A-Za-z0-9_-]{1,200}(?:\.[0-9a-f]{64})?$/;

const key = (id: string) => `link.${id}`;

export function linkOf(id: string): string | null {
  const token = recall(key(id));
  return token !== null && TOKEN.test(token) ? token : null;
}

/** Keeps a link for its document; null forgets it. */
export function keepLink(id: string, token: string | null) {
  remember(key(id), token);
}

/** The token in an address's fragment, if there is one. */
export function linkIn(hash: string): string | null {
  const token = hash.slice(1);
  return TOKEN.test(token) ? token : null;
}

/** Takes the link that the page was opened with out of the address and into what this device keeps. False if there is none. */
export function takeLink(id: string): boolean {
  const token = linkIn(location.hash);
  if (token === null) return false;
  // Opened again, a link whose password was given needs none.
  if (linkOf(id)?.split(".")[0] !== token) keepLink(id, token);
  history.replaceState(history.state, "", location.pathname + location.search);
  return true;
}

/** The header that shows a document's link. */
export function linkHeader(id: string): Record<string, string> {
  const token = linkOf(id);
  return token === null ? {} : { "Cowrite-Link": token };
}
