/** Saves the text as this page has it to the reader's disk, with or without a server. */
import type { OpenDocument } from "./document.svelte";
import { fileName } from "./format";

export function downloadText(document: OpenDocument) {
  const extension = document.kind === "markdown" ? "md" : "txt";
  const url = URL.createObjectURL(new Blob([document.content()], { type: "text/plain;charset=utf-8" }));
  const link = window.document.createElement("a");
  link.href = url;
  link.download = fileName(document.title, extension);
  link.click();
  // The download has begun once the click is handled; the address is not needed for long.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
