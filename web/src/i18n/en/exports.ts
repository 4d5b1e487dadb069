/** Taking a document away. */
export const exports = {
  title: "Export",
  more: "More formats",
  formats: {
    md: "Markdown",
    html: "Web page",
    docx: "Word document",
    pdf: "PDF",
    txt: "Plain text",
    json: "JSON",
    yjs: "Yjs document",
  },
  offline:
    "You are offline. Markdown and plain text are made from what this page has; the rest needs the server.",
  needsServer: (format: string) => `${format}: the server makes this file, and it cannot be reached now.`,
  making: (format: string) => `Making the file: ${format}…`,
  saving: "Waiting until your last words are saved…",
  received: (format: string, size: string) => `${format}: ${size} received`,
  failed: (format: string, why: string) => `${format}: the file could not be made. ${why}`,
  unsaved: "The file is there. What you wrote last was not saved yet and may be missing in it.",
};
