/**
 * Builds the service worker (src/worker/sw.ts) to `sw.js` beside the page, with the list of what else was built. The files' names carry
 * their hashes, so the list changes with any of them, and with it the worker.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";
import type { Files } from "../src/worker/answers.ts";

const SOURCE = fileURLToPath(new URL("../src/worker/sw.ts", import.meta.url));

/** The modules whose chunks a page needs to open, with all that these import. */
const FIRST = ["index", "DocumentPage", "Home", "local", "en", "zh"];

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
        for (const name of beside) hash.update(readFileSync(join(publicDir, name)));
        const first = firstOf(bundle);
        const later = [...Object.keys(bundle), ...beside].filter(
          (name) => !first.includes(name) && !APART.test(name),
        );
        const files: Files = { version: hash.digest("base64url").slice(0, 12), first, later };
        this.emitFile({ type: "asset", fileName: "sw.js", source: await bundled(files) });
      },
    },
  };
}

function firstOf(bundle: Rolldown.OutputBundle): string[] {
  const found = new Set<string>();
  const take = (name: string) => {
    const file = bundle[name];
    if (!file || found.has(name)) return;
    found.add(name);
    if (file.type === "chunk") file.imports.forEach(take);
  };
  for (const file of Object.values(bundle)) {
    const wanted =
      file.type === "chunk"
        ? FIRST.includes(file.name)
        : /boot-[^/]*\.js$|\.css$|favicon/.test(file.fileName);
    if (wanted) take(file.fileName);
  }
  return [...found];
}

async function bundled(files: Files): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: "warn",
    define: { COWRITE_FILES: JSON.stringify(files) },
    publicDir: false,
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      lib: { entry: SOURCE, formats: ["iife"], name: "worker", fileName: "sw" },
    },
  });
  const [only] = [made].flat() as Rolldown.RolldownOutput[];
  if (!only) throw new Error("The service worker was not built");
  return only.output[0].code;
}
