/**
 * What runs before the first paint: theme and skeleton, and all that will be wanted asked for while the page is still read. The app begins
 * once the page is painted, so that its work is behind what is to be seen first. This is a program of its own with its styles beside it,
 * which web/vite/first.ts writes into the page: what is seen first waits for nothing else.
 */
import { languageFor } from "../i18n/language";
import { recall } from "../service/storage";
import "../ui/styles/base.css";
import "../ui/styles/skeleton.css";
import "../ui/styles/glimpse.css";

const root = document.documentElement;
const path = location.pathname;
const { pathname: home } = new URL(document.baseURI);
const id = path.startsWith(`${home}d/`) ? path.slice(home.length + 2) : null;
const page = id !== null ? "document" : path === home ? "home" : "form";
root.dataset.page = page;
// What a reader chose and the first paint shows, as src/ui/settings.svelte.ts goes on with it.
for (const name of ["theme", "contrast", "size", "width", "toolbar", "carets", "view"]) {
  const choice = recall(name);
  if (choice) root.dataset[name] = choice;
}
// A document that was open before is of the kind that it was; see src/ui/recent.ts.
try {
  const recent: { id: string; kind: string }[] = JSON.parse(recall("recent") ?? "[]");
  const kind = recent.find((document) => document.id === id)?.kind;
  if (kind) root.dataset.kind = kind;
} catch {
  // What is stored is no list.
}
if (!root.dataset.contrast && matchMedia("(prefers-contrast: more)").matches) root.dataset.contrast = "more";
// What is read before the app is in fonts of that language.
const language = languageFor([recall("language") ?? "", ...navigator.languages]);
root.lang = language;
const files = document.currentScript?.dataset ?? {};
const styled = files.style ? ask("stylesheet", files.style) : null;
const words = language === "zh-CN" ? "zh" : language;
const wanted = [files.main, files[page], files[words], page === "home" ? files[`${words}Rest`] : ""];
for (const href of new Set(wanted.join(" ").split(" "))) if (href) ask("modulepreload", href);
begin();

/** Starts the app, once there is something to see and it will look like itself. */
async function begin() {
  const entry = files.main?.split(" ")[0];
  await painted();
  await styled;
  if (entry) await import(/* @vite-ignore */ new URL(entry, document.baseURI).href);
}

/** After the first frame with the whole page in it. A page in the background has none. */
async function painted() {
  if (document.readyState === "loading") {
    await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
  }
  if (document.hidden) return;
  await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise((resolve) => setTimeout(resolve));
}

/** Has a file fetched; settles when it is there, or will not come. */
function ask(rel: string, href: string) {
  const link = document.createElement("link");
  const settled = new Promise((resolve) => {
    link.onload = link.onerror = resolve;
  });
  link.rel = rel;
  link.href = href;
  document.head.append(link);
  return settled;
}
