/** What the service worker answers, and with what; pure. It knows addresses below its scope and nothing of caches. */

/** How the app's files are kept: `first` is what a page needs to open, `later` what parts of it load when they are wanted. */
export interface Files {
  /** Changes with any of them. */
  version: string;
  first: readonly string[];
  later: readonly string[];
}

/** What is to be answered here. Everything else goes to the server as if there were no worker. */
export type Answer =
  /** The app's page, from the server unless it cannot be reached. */
  | { kind: "page" }
  /** A file of this build, under its name. */
  | { kind: "file"; name: string };

/** Addresses that show the app's page and may be opened without a server: the start, and documents. */
const PAGE = /^(?:d\/[^/]+\/?)?$/;

/** The name that the app's page is kept under: the start, relative to the scope. */
export const PAGE_NAME = "./";

export interface Asked {
  method: string;
  url: string;
  /** Whether a page is opened, as opposed to something that a page asks for. */
  navigates: boolean;
}

export function answerTo({ method, url, navigates }: Asked, scope: string, files: Files): Answer | null {
  if (method !== "GET") return null;
  const { origin, pathname } = new URL(url);
  const folder = new URL(scope);
  if (origin !== folder.origin || !pathname.startsWith(folder.pathname)) return null;
  const name = pathname.slice(folder.pathname.length);
  if (navigates) return PAGE.test(name) ? { kind: "page" } : null;
  return files.first.includes(name) || files.later.includes(name) ? { kind: "file", name } : null;
}

/** Whether a server's answer says that there is no server behind it: what a proxy says while the server is away. */
export function isAway(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/** The name of the cache of a version. Scopes of one site share their caches' names. */
export function cacheName(scope: string, version: string): string {
  return `cowrite ${new URL(scope).pathname} ${version}`;
}

/** Whether a cache is one of this scope's. */
export function isOurs(name: string, scope: string): boolean {
  return name.startsWith(`cowrite ${new URL(scope).pathname} `);
}
