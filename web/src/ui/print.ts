/**
 * A document on paper or as PDF, as it reads and whatever view of it is open: it is laid out beside the page, which only the printer sees, and
 * goes when it is printed.
 */
import { CodeColours, languageOfTitle, MarkdownPreview, Reader, textOf } from "../editor";
import { t } from "../i18n";
import type { OpenDocument } from "./document.svelte";
import { shownTitle } from "./format";
import { notices } from "./notices.svelte";
import { picturesOf } from "./pictures";
import css from "./styles/paper.css?inline";

/** Pictures and languages that are not here by then are left out. */
const WAIT_MS = 10_000;
/** What is there sooner needs no word about it. */
const SLOW_MS = 400;

/** Names of sections on paper, so that links to them work in a PDF. No name of the page's own begins like this. */
const NAME = "paper-";

let sheet: CSSStyleSheet | null = null;
let end: (() => void) | null = null;
/** Whether what is laid out is what the dialog was opened for, and not of an earlier time. */
let prepared = false;

interface Paper {
  sheet: HTMLElement;
  /** Once its pictures and colours are there. */
  ready: Promise<unknown>;
  release: () => void;
}

/** Opens the browser's dialog for printing once everything is there. */
export async function printDocument(document: OpenDocument): Promise<void> {
  end?.();
  const said: ReturnType<typeof notices.work>[] = [];
  const slow = setTimeout(() => said.push(notices.work(t.document.preview.preparingPrint)), SLOW_MS);
  try {
    const paper = layOut(document);
    await Promise.race([paper.ready, new Promise((resolve) => setTimeout(resolve, WAIT_MS))]);
    put(paper, shownTitle(document.title));
  } finally {
    clearTimeout(slow);
    for (const work of said) work.done();
  }
  prepared = true;
  print();
}

/**
 * Lays the document out for the browser's own command, of which a page hears when there is no time left: what has to be waited for, pictures
 * that were not shown yet and the colours of code, is left out. Returns the function that ends it.
 */
export function standBy(document: OpenDocument): () => void {
  const onbeforeprint = () => {
    if (prepared || document.text.length === 0) return;
    end?.();
    put(layOut(document), shownTitle(document.title));
  };
  addEventListener("beforeprint", onbeforeprint);
  return () => removeEventListener("beforeprint", onbeforeprint);
}

/** The document on a sheet of the page that only printers will see. */
function layOut(document: OpenDocument): Paper {
  const sheet = element("div", "paper");
  const [ready, release] = document.kind === "markdown" ? markdown(sheet, document) : lines(sheet, document);
  window.document.body.append(sheet);
  return { sheet, ready, release };
}

/** Has the printer see it, until it has. */
function put(paper: Paper, title: string) {
  const { document } = window;
  const { documentElement: root, title: before } = document;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  document.adoptedStyleSheets.push(sheet);
  root.style.setProperty("--paper-title", JSON.stringify(title));
  // What the browser calls the file.
  document.title = title;
  const done = () => {
    end = null;
    removeEventListener("afterprint", later);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((adopted) => adopted !== sheet);
    root.style.removeProperty("--paper-title");
    if (document.title === title) document.title = before;
    paper.release();
    paper.sheet.remove();
  };
  // Some browsers say so as soon as their dialog is there.
  const later = () => {
    prepared = false;
    setTimeout(() => end === done && done(), 1000);
  };
  end = done;
  addEventListener("afterprint", later);
}

type Laid = [ready: Promise<unknown>, release: () => void];

function markdown(paper: HTMLElement, document: OpenDocument): Laid {
  const article = element("article", "prose");
  article.dir = "auto";
  const pictures = picturesOf(document.id);
  const colours = new CodeColours(null);
  const preview = new MarkdownPreview(article, {
    words: t.document.preview,
    sectionAddress: (section) =>
      `${location.pathname}${location.search}#${NAME}${encodeURIComponent(section)}`,
    imageSource: pictures.source,
    paper: true,
    onRender: (blocks) => colours.add(blocks),
  });
  const reader = new Reader(textOf(document.content()));
  reader.listen((reading) => preview.show(reading));
  reader.read();
  preview.flush();
  name(article, preview);
  tellAddresses(article);
  // A document that begins with its title has it already.
  const first = article.querySelector("h1, h2, h3, p, ul, ol, pre, blockquote");
  if (first?.tagName !== "H1") paper.append(titleOf(document));
  paper.append(article);
  const ready = Promise.all([colours.all(), ...[...article.querySelectorAll("img")].map(arrived)]);
  return [ready, pictures.release];
}

function lines(paper: HTMLElement, document: OpenDocument): Laid {
  const pre = element("pre", document.kind === "code" ? "lines code" : "lines");
  pre.textContent = document.content();
  paper.append(titleOf(document), pre);
  const colours = new CodeColours(null);
  const language = document.language ?? languageOfTitle(document.title)?.id;
  if (document.kind === "code" && language) colours.colour(pre, language);
  return [colours.all(), () => {}];
}

/** Gives what is linked to inside of the document a name. */
function name(article: HTMLElement, preview: MarkdownPreview) {
  for (const heading of article.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const section = preview.sectionOf(heading);
    if (section !== null) heading.id = NAME + section;
  }
  for (const link of article.querySelectorAll<HTMLAnchorElement>(".note-link")) {
    const note = preview.noteOf(link);
    if (note) note.id = decodeURIComponent(link.hash.slice(1));
  }
}

/** Marks the links whose words do not tell where they lead. */
function tellAddresses(article: HTMLElement) {
  for (const link of article.querySelectorAll<HTMLAnchorElement>('a[target="_blank"]')) {
    const address = link.href.replace(/^mailto:/, "");
    const plain = (text: string) => text.trim().replace(/^https?:\/\/(?:www\.)?|\/$/g, "");
    if (plain(link.textContent ?? "") !== plain(address)) link.dataset.address = readable(address);
  }
}

/** An address with letters of any script as letters. */
function readable(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

function titleOf(document: OpenDocument): HTMLElement {
  const title = element("h1", "title");
  title.textContent = shownTitle(document.title);
  return title;
}

/** Once a picture is there, or will not come. */
function arrived(image: HTMLImageElement): Promise<unknown> {
  if (image.complete && image.src !== "") return Promise.resolve();
  return new Promise((resolve) => {
    image.addEventListener("load", resolve, { once: true });
    image.addEventListener("error", resolve, { once: true });
  });
}

function element(tag: keyof HTMLElementTagNameMap, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
