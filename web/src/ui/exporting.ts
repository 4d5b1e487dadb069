/** The ways out of Cowrite: by the server in any format, by the printer, or this page's own text when there is no server. */
import { language, t } from "../i18n";
import { bringExport, type ExportFormat } from "../service";
import type { OpenDocument } from "./document.svelte";
import { downloadText, saveFile } from "./download";
import { fileName } from "./format";
import { notices } from "./notices.svelte";
import { explain } from "./problems";
import { settled } from "./settled.svelte";

export type Format = ExportFormat | "pdf";

export const FORMATS: readonly { format: Format; rare: boolean }[] = [
  { format: "md", rare: false },
  { format: "html", rare: false },
  { format: "docx", rare: false },
  { format: "pdf", rare: false },
  { format: "txt", rare: false },
  { format: "json", rare: true },
  { format: "yjs", rare: true },
];

/** How long the file waits for the last words to be saved; later than that it is better than none. */
const SAVED_WITHIN_MS = 5000;
/** What is there sooner needs no word about it. */
const SLOW_MS = 500;

type Way = "server" | "page" | "printer";

/** Who makes the file; null when nobody can at present. */
export function wayOf(format: Format, online: boolean): Way | null {
  if (format === "pdf") return "printer";
  if (online) return "server";
  return format === "md" || format === "txt" ? "page" : null;
}

/** Makes a file and saves it, or says why not. */
export async function takeAway(document: OpenDocument, format: Format): Promise<void> {
  const way = wayOf(format, document.online);
  if (way === "printer") await onPaper(document);
  else if (way === "page") downloadText(document, format === "md" ? "md" : "txt");
  else if (way === "server") await bring(document, format as ExportFormat);
  else notices.info(t.exports.needsServer(t.exports.formats[format]));
}

/** Opens the browser's dialog for printing, which also makes PDF. */
export async function onPaper(document: OpenDocument): Promise<void> {
  try {
    const { printDocument } = await import("./print");
    await printDocument(document);
  } catch {
    notices.problem(t.document.preview.printFailed, {
      label: t.common.tryAgain,
      run: () => onPaper(document),
    });
  }
}

async function bring(document: OpenDocument, format: ExportFormat): Promise<void> {
  const name = t.exports.formats[format];
  const cancel = new AbortController();
  const cancelled = new Promise<void>((resolve) => cancel.signal.addEventListener("abort", () => resolve()));
  const progress = slowly(document.unsaved ? t.exports.saving : t.exports.making(name), () => cancel.abort());
  try {
    const whole = await Promise.race([settled(document, SAVED_WITHIN_MS), cancelled]);
    if (cancel.signal.aborted) return;
    // The connection may have gone meanwhile. This page has the last words.
    if (!whole && wayOf(format, false) === "page")
      return downloadText(document, format === "md" ? "md" : "txt");
    progress.say(t.exports.making(name));
    const onBytes = (bytes: number) => progress.say(t.exports.received(name, sizeOf(bytes)));
    const file = await bringExport(document.id, format, { signal: cancel.signal, onBytes });
    saveFile(file, fileName(document.title, format));
    if (!whole) notices.info(t.exports.unsaved);
  } catch (error) {
    if (cancel.signal.aborted) return;
    const retry = { label: t.common.tryAgain, run: () => takeAway(document, format) };
    notices.problem(t.exports.failed(name, explain(error)), retry);
  } finally {
    progress.done();
  }
}

/** A notice of work, once it has lasted so long that somebody wonders. */
function slowly(text: string, cancel: () => void) {
  let said = text;
  let work: ReturnType<typeof notices.work> | null = null;
  const timer = setTimeout(() => {
    work = notices.work(said, { label: t.common.cancel, run: cancel });
  }, SLOW_MS);
  return {
    say(text: string) {
      said = text;
      work?.say(text);
    },
    done() {
      clearTimeout(timer);
      work?.done();
    },
  };
}

/** "1.2 MB" */
function sizeOf(bytes: number): string {
  const [unit, size] = bytes < 1_000_000 ? ["kilobyte", 1000] : ["megabyte", 1_000_000];
  const format = new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    maximumFractionDigits: size === 1000 ? 0 : 1,
  });
  return format.format(bytes / size);
}
