/**
 * The service worker: keeps the files of its build, so that the app opens without a network. The server comes first wherever it can tell
 * something new: pages are asked for there, and API and sockets are never seen here. A new worker waits until somebody agrees.
 *
 * It is built by web/vite/worker.ts, which puts the list of files in.
 */
import { answerTo, cacheName, type Files, isAway, isOurs, PAGE_NAME } from "./answers";

declare const self: ServiceWorkerGlobalScope;
declare const COWRITE_FILES: Files;

/** A server that has not begun to answer by then is not waited for. */
const PAGE_WITHIN_MS = 2_500;

/** So many files are fetched at once; a page that is just being opened has a network to itself otherwise. */
const AT_ONCE = 4;

const FILES = COWRITE_FILES;
const SCOPE = self.registration.scope;
const CACHE = cacheName(SCOPE, FILES.version);

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

self.addEventListener("message", (event) => {
  // Somebody agreed to the new version.
  if (event.data === "take over") self.skipWaiting();
  // A page has nothing to do.
  if (event.data === "fill") event.waitUntil(keepAll([...FILES.first, ...FILES.later]).catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { method, url, mode } = request;
  const answer = answerTo({ method, url, navigates: mode === "navigate" }, SCOPE, FILES);
  if (answer?.kind === "page") event.respondWith(page(event));
  else if (answer?.kind === "file") event.respondWith(file(request, answer.name));
});

async function install(): Promise<void> {
  const page = await fetch(addressOf(PAGE_NAME), { cache: "no-store", credentials: "same-origin" });
  // Something between us and the server wants a word with people, or the server is of another build than this worker.
  if (!page.ok || page.redirected) throw new Error(`The page is not to be had: ${page.status}`);
  const text = await page.clone().text();
  const known = new Set([...FILES.first, ...FILES.later]);
  const wanted = text.match(/assets\/[\w.-]+\.(?:js|css)/g) ?? [];
  if (!wanted.every((name) => known.has(name))) throw new Error("The page is of another build");
  await (await caches.open(CACHE)).put(addressOf(PAGE_NAME), page);
  await keepAll(FILES.first);
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (isOurs(name, SCOPE) && name !== CACHE) await caches.delete(name);
  }
  await self.registration.navigationPreload?.enable();
}

/** Keeps what is not kept yet. An earlier version may have the same files: their names change with what is in them. */
async function keepAll(names: readonly string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  const waiting = [...names];
  const take = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const address = addressOf(name);
      if (await cache.match(address)) continue;
      const hashed = name.startsWith("assets/");
      const known = hashed ? await caches.match(address) : undefined;
      const response = known ?? (await fetch(address, { cache: hashed ? "default" : "no-cache" }));
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      await cache.put(address, response);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}

/** The server's page, for its nonce and policy are fresh; the kept one, with its own, if the server cannot be reached. */
async function page(event: FetchEvent): Promise<Response> {
  const asked: Promise<Response> = Promise.resolve(event.preloadResponse).then(
    (preloaded: Response | undefined) => preloaded ?? fetch(event.request),
  );
  // The answer that comes too late is still to be read to its end.
  event.waitUntil(asked.catch(() => {}));
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PAGE_WITHIN_MS));
  const answered = await Promise.race([asked, late]).catch(() => null);
  if (answered && !isAway(answered.status)) return answered;
  const kept = await (await caches.open(CACHE)).match(addressOf(PAGE_NAME));
  return kept ?? asked;
}

async function file(request: Request, name: string): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(addressOf(name));
  return kept ?? fetch(request);
}

function addressOf(name: string): string {
  return new URL(name, SCOPE).href;
}
