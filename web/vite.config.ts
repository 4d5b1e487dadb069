import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { compress } from "./vite/compress.ts";
import { first } from "./vite/first.ts";
import { lean } from "./vite/lean.ts";
import { chunkFileNames } from "./vite/names.ts";
import { worker } from "./vite/worker.ts";

export default defineConfig({
  // The server says where the app lives (`<base>`, see vite/first.ts), so nothing in it knows.
  base: "./",
  // The server puts a fresh nonce in its place in every page that it sends; the editor's style elements carry it.
  html: { cspNonce: "COWRITE-NONCE" },
  plugins: [lean(), svelte(), first(), worker(), compress()],
  build: {
    target: "es2022",
    outDir: "dist",
    assetsDir: "assets",
    // Every asset is a file of its own under /assets, so that a strict `script-src 'self'` holds and each is cached for good.
    assetsInlineLimit: 0,
    // One small style sheet for all pages, and apart from it what the skeleton is painted with (vite/first.ts).
    cssCodeSplit: false,
    // What a page begins with is asked for by src/first; a list of what each later part needs would be gone through with each of them, while
    // the page begins: 80 ms of a phone's time.
    modulePreload: false,
    // A list of a folder's exports is no reason to load the folder: what only some page uses goes with that page.
    rolldownOptions: {
      output: {
        chunkFileNames,
        // What every document's page needs and seldom changes.
        codeSplitting: {
          groups: [
            { name: "svelte", test: /\/node_modules\/svelte\// },
            { name: "yjs", test: /\/node_modules\/(?:yjs|lib0|y-protocols)\// },
            {
              name: "codemirror",
              test: /\/node_modules\/(?:@codemirror\/(?:view|state|commands|language)|@lezer\/(?:common|highlight)|style-mod|crelt|w3c-keyname|@marijn\/find-cluster-break)\//,
            },
            // What both pages need of ours: a file for each module would be ten more to ask for.
            {
              name: "common",
              test: /\/src\/(?:service\/(?:storage|request|addresses|documents)|ui\/(?:format|notices\.svelte|recent|settings\.svelte|PageMenu)|i18n\/index|sync\/local\/device)\.|vite\/preload-helper/,
            },
          ],
        },
      },
      treeshake: {
        moduleSideEffects: [
          { test: /\/src\/(?:service|editor|sync|sync\/local)\/index\.ts$/, sideEffects: false },
        ],
      },
    },
  },
  // Svelte's server build has no `mount`; tests of components need the browser's.
  resolve: process.env.VITEST ? { conditions: ["browser"] } : undefined,
  test: { include: ["src/**/*.test.ts"], setupFiles: ["src/testing.ts"], testTimeout: 20_000 },
});
