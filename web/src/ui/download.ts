/** Saves files to the reader's disk. */
import type { OpenDocument } from "./document.svelte";
import { fileName } from "./format";

/** The text as this page has it, with or without a server. */
export function downloadText(
  document: OpenDocument,
  extension: "md" | "txt" = document.kind === "markdown" ? "md" : "txt",
) {
  const text = new Blob([document.content()], { type: "text/plain;charset=utf-8" });
  saveFile(text, fileName(document.title, extension));
}

export function saveFile(content: Blob, name: string) {
  const url = URL.createObjectURL(content);
  const link = window.document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun once the click is handled; the address is not needed for long.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
