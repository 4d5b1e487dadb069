/**
 * Puts `boot.js` into the page as a small blocking script with a hashed name. It must run before the first paint (theme,
 * which skeleton to show), which module scripts cannot; it is a file and not inline, so that a strict content security
 * policy holds. It also learns the names of the pages' and the languages' chunks, to fetch those that are wanted while the main script is
 * still on its way.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HtmlTagDescriptor, Plugin, Rolldown } from "vite";

const SOURCE = fileURLToPath(new URL("./boot.js", import.meta.url));
/** Where boot.js finds the chunks of a page or of a language, and the module that they are for. */
const CHUNKS = {
  "data-document": "/src/ui/DocumentPage.svelte",
  "data-home": "/src/ui/Home.svelte",
  "data-en": "/src/i18n/en.ts",
  "data-zh": "/src/i18n/zh.ts",
  "data-en-rest": "/src/i18n/en-rest.ts",
  "data-zh-rest": "/src/i18n/zh-rest.ts",
};

/** What the page's addresses are relative to, before any of them; the server writes its `base-path` there. */
const BASE: HtmlTagDescriptor = { tag: "base", attrs: { href: "/" }, injectTo: "head-prepend" };

/** The files that a module's chunk consists of: its own and those that it imports, and they import, at once. */
export function neededFor(module: string, bundle: Rolldown.OutputBundle): string[] {
  const own = Object.values(bundle).find(
    (chunk) => chunk.type === "chunk" && chunk.moduleIds.some((id) => id.endsWith(module)),
  );
  if (!own) throw new Error(`there is no chunk of ${module}`);
  const files = new Set([own.fileName]);
  for (const file of files) {
    const chunk = bundle[file];
    if (chunk?.type === "chunk") for (const imported of chunk.imports) files.add(imported);
  }
  return [...files];
}

export function boot(): Plugin {
  const source = readFileSync(SOURCE, "utf8");
  const hash = createHash("sha256").update(source).digest("base64url").slice(0, 8);
  const fileName = `assets/boot-${hash}.js`;
  let building = false;
  return {
    name: "cowrite:boot",
    configResolved(config) {
      building = config.command === "build";
    },
    buildStart() {
      if (building) this.emitFile({ type: "asset", fileName, source });
    },
    transformIndexHtml: {
      order: "post",
      handler(_html, context) {
        if (!building) return [BASE, { tag: "script", children: source, injectTo: "head-prepend" }];
        const attrs: Record<string, string> = { src: fileName };
        for (const [attribute, module] of Object.entries(CHUNKS)) {
          attrs[attribute] = neededFor(module, context.bundle ?? {}).join(" ");
        }
        return [BASE, { tag: "script", attrs, injectTo: "head-prepend" }];
      },
    },
  };
}
