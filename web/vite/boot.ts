/**
 * Puts `boot.js` into the page as a small blocking script with a hashed name. It must run before the first paint (theme,
 * which skeleton to show), which module scripts cannot; it is a file and not inline, so that a strict content security
 * policy holds. It also learns the names of the pages' and the languages' chunks, to fetch those that are wanted while the main script is
 * still on its way.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HtmlTagDescriptor, Plugin } from "vite";

const SOURCE = fileURLToPath(new URL("./boot.js", import.meta.url));
/** Where boot.js finds the chunk of a page or of a language, and the module whose chunk it is. */
const CHUNKS = { "data-document": "DocumentPage", "data-home": "Home", "data-en": "en", "data-zh": "zh" };

/** What the page's addresses are relative to, before any of them; the server writes its `base-path` there. */
const BASE: HtmlTagDescriptor = { tag: "base", attrs: { href: "/" }, injectTo: "head-prepend" };

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
        for (const chunk of Object.values(context.bundle ?? {})) {
          const known = Object.entries(CHUNKS).find(
            ([, name]) => chunk.type === "chunk" && chunk.name === name,
          );
          if (known) attrs[known[0]] = chunk.fileName;
        }
        return [BASE, { tag: "script", attrs, injectTo: "head-prepend" }];
      },
    },
  };
}
