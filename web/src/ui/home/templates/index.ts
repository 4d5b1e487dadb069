/** Texts to begin with, in the reader's language. They are fetched when somebody looks at them. */
import { language } from "../../../i18n";
import type { Kind } from "../../../service";

/** A document as it is to be made. */
export interface Written {
  kind: Kind;
  title: string;
  text: string;
}

export interface Template {
  /** The same in all languages. */
  id: string;
  name: string;
  /** What it is good for, in a few words. */
  about: string;
  kind: Kind;
  /** The new document's title; empty for one that the writer has to find. */
  title: (now: Date) => string;
  text: (now: Date) => string;
}

export async function loadTemplates(): Promise<readonly Template[]> {
  return language === "zh-CN" ? (await import("./zh")).templates : (await import("./en")).templates;
}

export function written({ kind, title, text }: Template, now: Date): Written {
  return { kind, title: title(now), text: text(now) };
}

/** A line of a text, as a small picture of it shows it. */
export interface Stroke {
  look: "title" | "heading" | "task" | "item" | "words";
  text: string;
}

/** What a line of Markdown begins with, and what it says. */
const LINE = /^(#{1,6} |- \[[ x]\](?: |$)|[-*](?: |$)|\d+\.(?: |$)|> )?(.*)$/;

/** The first lines of a text, without the marks of Markdown and without its code. */
export function strokesOf(text: string, most: number): Stroke[] {
  const strokes: Stroke[] = [];
  let code = false;
  for (const line of text.split("\n")) {
    if (strokes.length === most) break;
    const isFence = line.startsWith("```");
    if (isFence) code = !code;
    if (isFence || code) continue;
    const [, mark = "", rest = ""] = LINE.exec(line) ?? [];
    const words = rest.replace(/[*_`|]+/g, " ").trim();
    if (/^[-: ]*$/.test(words) && !mark) continue;
    strokes.push({ look: lookOf(mark), text: words });
  }
  return strokes;
}

function lookOf(mark: string): Stroke["look"] {
  if (mark === "# ") return "title";
  if (mark.startsWith("#")) return "heading";
  if (mark.startsWith("- [")) return "task";
  return mark === "" || mark === "> " ? "words" : "item";
}
