/**
 * Puts `boot.js` into the page as a small blocking script with a hashed name. It must run before the first paint (theme,
 * which skeleton to show), which module scripts cannot; it is a file and not inline, so that a strict content security
 * policy holds. It also learns the names of the editor's chunks, to fetch them while the main script is still on its way.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HtmlTagDescriptor, Plugin } from "vite";

const SOURCE = fileURLToPath(new URL("./boot.js", import.meta.url));
const EDITOR_PAGE = "DocumentPage";

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
        const editor = Object.values(context.bundle ?? {}).find(
          (file) => file.type === "chunk" && file.name === EDITOR_PAGE,
        );
        const attrs: Record<string, string> = { src: fileName };
        if (editor) attrs["data-editor"] = editor.fileName;
        return [BASE, { tag: "script", attrs, injectTo: "head-prepend" }];
      },
    },
  };
}
