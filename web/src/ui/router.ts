/**
 * Which page an address means. There is no client-side navigation: links are links. Leaving a document with unsaved
 * changes thus always goes through the browser's own question, and each document starts with a fresh Yjs client id.
 */
import { addressOf, pathOf } from "./addresses";

export type Route = { page: "home" } | { page: "document"; id: string } | { page: "missing" };

/** What the server takes for a document id; docs/protocol.md. */
const DOCUMENT = /^\/d\/([A-Za-z0-9._~-]{1,128})\/?$/;

export function routeOf(address: string): Route {
  const pathname = pathOf(address);
  if (pathname === null) return { page: "missing" };
  if (pathname === "/" || pathname === "/index.html") return { page: "home" };
  const id = DOCUMENT.exec(pathname)?.[1];
  return id ? { page: "document", id } : { page: "missing" };
}

export function documentPath(id: string): string {
  return addressOf(`/d/${encodeURIComponent(id)}`);
}
