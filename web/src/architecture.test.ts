/**
 * Holds the folders to what they may import: ui -> editor -> sync, and sync knows neither a page nor an editor. `service`, the REST
 * interface, and `i18n`, the words, stand beside them: only ui uses them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SOURCE = import.meta.dirname;

/** Folders, and what their files must not import. */
const FORBIDDEN: Record<string, RegExp> = {
  sync: /^(?:svelte|@codemirror|@lezer)|^(?:editor|i18n|ui|service)\b/,
  editor: /^svelte|^(?:i18n|ui|service)\b/,
  service: /^(?:svelte|@codemirror|@lezer|yjs|y-protocols)|^(?:editor|i18n|sync|ui)\b/,
  i18n: /^(?:svelte|@codemirror|@lezer|yjs)|^(?:editor|service|sync|ui)\b/,
};

test.each(Object.entries(FORBIDDEN))("%s imports nothing from above", (folder, forbidden) => {
  const files = readdirSync(join(SOURCE, folder), { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /\.(?:ts|svelte)$/.test(file));
  expect(sources.length).toBeGreaterThan(0);
  for (const file of sources) {
    const path = join(SOURCE, folder, file);
    for (const [, target = ""] of readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      const name = target.startsWith(".") ? relative(SOURCE, resolve(path, "..", target)) : target;
      expect(name, `${folder}/${file} imports ${target}`).not.toMatch(forbidden);
    }
  }
});
