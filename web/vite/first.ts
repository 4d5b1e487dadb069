/**
 * Writes into the page what its first paint needs: the program that must have run before it (theme, which skeleton to show), the styles
 * of the skeleton, and the mark. Nothing of it is a request, so that there is something to see as soon as the page is there. The server
 * names the program in its content security policy by its hash, and no other script within a page runs.
 *
 * The program learns the names of the files that the app consists of, its style sheet and the chunks of each page and language, and has
 * those fetched that are wanted; nothing else in the page does.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HtmlTagDescriptor, Plugin, Rolldown } from "vite";
import { type Program, program } from "./program.ts";

const SOURCE = fileURLToPath(new URL("../src/first/first.ts", import.meta.url));
const MARK = fileURLToPath(new URL("../src/favicon.svg", import.meta.url));

/** Where the program finds the chunks of the app's entry, of a page or of a language, and the module that they are for. */
export const CHUNKS = {
  "data-main": "/src/main.ts",
  "data-document": "/src/ui/DocumentPage.svelte",
  "data-home": "/src/ui/Home.svelte",
  "data-en": "/src/i18n/en.ts",
  "data-zh": "/src/i18n/zh.ts",
  "data-en-rest": "/src/i18n/en-rest.ts",
  "data-zh-rest": "/src/i18n/zh-rest.ts",
};

/** What the page's addresses are relative to, before any of them; the server writes its `base-path` there. */
const BASE: HtmlTagDescriptor = { tag: "base", attrs: { href: "/" }, injectTo: "head-prepend" };

/** Where the skeleton shows the mark (index.html). */
const LOGO = '<i class="skeleton-logo"></i>';

/** The app's style sheet, entry and chunks, where Vite asks for them: in the head, where the first would hold up all that is to be seen. */
const STYLE_SHEET = /\s*<link rel="stylesheet"[^>]*href="([^"]*)"[^>]*>/;
const ENTRY = /\s*<script type="module"[^>]*><\/script>|\s*<link rel="modulepreload"[^>]*>/g;

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

export function first(): Plugin {
  let made: Promise<Program> | undefined;
  let nonce = "";
  return {
    name: "cowrite:first",
    configResolved(config) {
      nonce = config.html?.cspNonce ?? "";
    },
    transformIndexHtml: {
      order: "post",
      async handler(html, { bundle }) {
        made ??= program(SOURCE, { name: "first" });
        const { code, style } = await made;
        const attrs: Record<string, string> = {};
        if (bundle) {
          attrs["data-style"] = STYLE_SHEET.exec(html)?.[1] ?? "";
          for (const [attribute, module] of Object.entries(CHUNKS)) {
            attrs[attribute] = neededFor(module, bundle).join(" ");
          }
        }
        return {
          html: marked(bundle ? html.replace(STYLE_SHEET, "").replaceAll(ENTRY, "") : html),
          tags: [
            BASE,
            { tag: "style", attrs: { nonce }, children: style, injectTo: "head" },
            { tag: "script", attrs, children: code, injectTo: "head" },
          ],
        };
      },
    },
  };
}

function marked(html: string): string {
  const mark = readFileSync(MARK, "utf8")
    .replace(/<title>.*<\/title>/, "")
    .replaceAll(/\s*\n\s*/g, "");
  return html.replace(LOGO, mark.replace("<svg ", '<svg class="skeleton-logo" '));
}
