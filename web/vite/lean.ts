/**
 * Leaves out of dependencies what this app has its own of. A chunk that many others need holds all that any of them imports from a
 * module: what Vim's keys alone want of `@codemirror/commands` and `@codemirror/language` would be loaded with every document. And
 * Yjs would bring a console in colours, with a little DOM library and a validator of schemas, for three lines that it may log.
 */
import { resolve } from "node:path";
import type { Plugin } from "vite";

/** Who imports what, and what they get instead. */
const INSTEAD: { importer: RegExp; source: string; file: string }[] = [
  { importer: /\/yjs\/dist\//, source: "lib0/logging", file: "src/sync/logging.ts" },
  {
    importer: /@replit\/codemirror-vim\//,
    source: "@codemirror/commands",
    file: "src/editor/vim/commands.ts",
  },
  {
    importer: /@replit\/codemirror-vim\//,
    source: "@codemirror/language",
    file: "src/editor/vim/language.ts",
  },
];

export function lean(): Plugin {
  return {
    name: "cowrite:lean",
    enforce: "pre",
    resolveId(source, importer = "") {
      const found = INSTEAD.find((entry) => entry.source === source && entry.importer.test(importer));
      return found ? resolve(import.meta.dirname, "..", found.file) : null;
    },
  };
}
