/**
 * What runs before the first paint: theme and skeleton, and the chunks that will be wanted asked for while the page is still read. It is a
 * program of its own with its styles beside it, which web/vite/first.ts writes into the page: what is seen first waits for nothing else.
 */
import "../ui/styles/base.css";
import "../ui/styles/skeleton.css";

const root = document.documentElement;
const path = location.pathname;
const { pathname: home } = new URL(document.baseURI);
const id = path.startsWith(`${home}d/`) ? path.slice(home.length + 2) : null;
const page = id !== null ? "document" : path === home ? "home" : "form";
root.dataset.page = page;
// What a reader chose and the first paint shows, as src/ui/settings.svelte.ts goes on with it.
for (const name of ["theme", "contrast", "size", "width", "toolbar", "carets"]) {
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
// As `languageFor` in src/i18n has it; a wrong guess here costs a request and no more.
const languages = [recall("language") ?? "", ...navigator.languages];
const language = /^zh\b/i.test(languages.find((tag) => /^(?:zh|en)\b/i.test(tag)) ?? "") ? "zh" : "en";
const chunks = document.currentScript?.dataset ?? {};
const wanted = [chunks[page], chunks[language], page === "home" ? chunks[`${language}Rest`] : ""];
for (const href of new Set(wanted.join(" ").split(" "))) {
  if (!href) continue;
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = href;
  document.head.append(link);
}

function recall(name: string): string | null {
  try {
    return localStorage.getItem(`cowrite.${name}`);
  } catch {
    // Storage may be forbidden; the system's theme and the browser's languages it is.
    return null;
  }
}
