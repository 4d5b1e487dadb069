/** What files become documents, and of which kind. Pure but for reading. */
import { createDocument, type DocumentInfo, type Kind, LIMITS, uploadDocument } from "../../service";

/** Larger files than this are no texts somebody wrote; the server has its own, smaller limit. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** Files that the server makes documents of by itself (`src/import.rs`). */
const UPLOADED = ["md", "markdown", "txt"];

/** Texts under other names. */
const TEXTS = ["text", "log", "csv", "tsv", "rst", "org", "adoc"];

const CODE =
  "astro bash bat c cc clj cmake conf cpp cs css dart diff dockerfile elm erl ex exs fish fs go gradle graphql h hpp hs html htm ini java jl js json json5 jsonc jsx kt kts less lua m makefile mjs cjs ml mm nim nix patch php pl proto ps1 py r rb rs sass scala scss sh sql svelte swift tcl tex tf toml ts tsx vb vim vue xml yaml yml zig zsh".split(
    " ",
  );

export type Way = { kind: Exclude<Kind, "markdown"> } | "server";

/** How a file becomes a document: the server takes some, and says no to what nobody knows; the others are read here. */
export function wayOf(name: string): Way {
  const extension = extensionOf(name);
  if (CODE.includes(extension)) return { kind: "code" };
  if (TEXTS.includes(extension)) return { kind: "text" };
  return "server";
}

/** For the browser's dialog. */
export function accepted(): string {
  return [...UPLOADED, ...TEXTS, ...CODE].map((extension) => `.${extension}`).join(",");
}

/** The title of a document from the name of its file. That of code keeps its ending, which tells the language. */
export function titleOf(name: string, kind: Kind): string {
  const point = name.lastIndexOf(".");
  const stem = kind === "code" || point <= 0 ? name : name.slice(0, point);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the server takes none in a title
  const line = stem.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  return [...line].slice(0, LIMITS.title).join("");
}

/** Why a file was not taken before the server had a look. */
export type Objection = "large" | "unreadable" | "notText";

export class FileError extends Error {
  override name = "FileError";
  constructor(readonly objection: Objection) {
    super(objection);
  }
}

export async function documentOf(file: File): Promise<DocumentInfo> {
  if (file.size > MAX_FILE_BYTES) throw new FileError("large");
  // What cannot be read (a folder, a file that is gone) fails in an upload as if the network did.
  const bytes = await file.arrayBuffer().catch(() => {
    throw new FileError("unreadable");
  });
  const way = wayOf(file.name);
  if (way === "server") return await uploadDocument(file);
  return await createDocument({ kind: way.kind, title: titleOf(file.name, way.kind), text: textOf(bytes) });
}

/** @throws FileError when the bytes are no text in UTF-8 */
export function textOf(bytes: ArrayBuffer): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError("notText");
  }
  if (text.includes("\0")) throw new FileError("notText");
  return text;
}

/** In lower case; a name without a point is one itself (`Makefile`). */
function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}
