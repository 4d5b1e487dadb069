/**
 * Which page an address means. There is no client-side navigation: links are links. Leaving a document with unsaved
 * changes thus always goes through the browser's own question, and each document starts with a fresh Yjs client id.
 */
import { addressOf, pathOf } from "../service";

/** Pages that have one address each, of the same name. */
const PAGES = ["sign-in", "join", "setup", "accounts"] as const;

export type Page = (typeof PAGES)[number];

export type Route = { page: "home" | "missing" | Page } | { page: "document"; id: string };

/** What the server takes for a document id; docs/protocol.md. */
const DOCUMENT = /^\/d\/([A-Za-z0-9._~-]{1,128})\/?$/;

export function routeOf(address: string): Route {
  const pathname = pathOf(address);
  if (pathname === null) return { page: "missing" };
  if (pathname === "/" || pathname === "/index.html") return { page: "home" };
  const page = PAGES.find((page) => pathname === `/${page}`);
  if (page) return { page };
  const id = DOCUMENT.exec(pathname)?.[1];
  return id ? { page: "document", id } : { page: "missing" };
}

export function documentPath(id: string): string {
  return addressOf(`/d/${encodeURIComponent(id)}`);
}

/** The address of a section of the document that is open. */
export function sectionAddress(section: string): string {
  return `${location.pathname}${location.search}#${encodeURIComponent(section)}`;
}

export function homePath(): string {
  return addressOf("/");
}

export function pagePath(page: Page): string {
  return addressOf(`/${page}`);
}

/** The page to sign in on, which leads back to `here`. */
export function signInPath(here: string): string {
  return `${pagePath("sign-in")}?${new URLSearchParams({ from: here })}`;
}

/**
 * Where to go after signing in: back to where one came from, if that is a page of this app. An address is what the browser makes of
 * it and not how it is written: `//host` and `/\host` are other sites.
 */
export function returnPath(search: string, origin: string): string {
  const from = new URLSearchParams(search).get("from") ?? "";
  try {
    const { origin: theirs, pathname, search: query, hash } = new URL(from, origin);
    const { page } = routeOf(pathname);
    if (theirs === origin && from.startsWith("/") && (page === "document" || page === "accounts")) {
      return pathname + query + hash;
    }
  } catch {
    // Not an address.
  }
  return homePath();
}
