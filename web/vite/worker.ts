/**
 * Builds the service worker (src/worker/sw.ts) to `sw.js` beside the page, with the list of what else was built. The files' names carry
 * their hashes, so the list changes with any of them, and with it the worker.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin, Rolldown } from "vite";
import type { Files } from "../src/worker/answers.ts";
import { CHUNKS, neededFor } from "./first.ts";
import { program } from "./program.ts";

const SOURCE = fileURLToPath(new URL("../src/worker/sw.ts", import.meta.url));

/** The modules that a page loads to open: the app's entry, its own, its words, and the copies of documents. */
const FIRST = [...Object.values(CHUNKS), "/src/ui/local.ts"];

/** Files that no page asks for by itself after it has opened: an update of these makes no new version of the app. */
const APART = /^(?:index\.html|icon-.*\.png)$|\.map$/;

export function worker(): Plugin {
  let publicDir = "";
  return {
    name: "cowrite:worker",
    apply: "build",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: "post",
      async handler(_options, bundle) {
        const beside = readdirSync(publicDir).filter((name) => !APART.test(name));
        const hash = createHash("sha256");
        for (const name of Object.keys(bundle).sort()) hash.update(name);
        hash.update(pageOf(bundle));
        for (const name of beside) hash.update(readFileSync(join(publicDir, name)));
        const first = firstOf(bundle);
        const later = [...Object.keys(bundle), ...beside].filter(
          (name) => !first.includes(name) && !APART.test(name),
        );
        const files: Files = { version: hash.digest("base64url").slice(0, 12), first, later };
        const define = { COWRITE_FILES: JSON.stringify(files) };
        const { code } = await program(SOURCE, { name: "sw", define });
        this.emitFile({ type: "asset", fileName: "sw.js", source: code });
      },
    },
  };
}

/** The page, with what stands within it and has no name: its first program and its styles. */
function pageOf(bundle: Rolldown.OutputBundle): string | Uint8Array {
  const page = bundle["index.html"];
  if (page?.type !== "asset") throw new Error("the page is not built yet");
  return page.source;
}

/** What a page needs to open: its chunks, with all that these import, and what the page itself names. */
function firstOf(bundle: Rolldown.OutputBundle): string[] {
  const named = Object.keys(bundle).filter((name) => /\.css$|favicon/.test(name));
  return [...new Set([...named, ...FIRST.flatMap((module) => neededFor(module, bundle))])];
}
