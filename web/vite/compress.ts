/**
 * Writes a brotli and a gzip twin next to every text asset of the build, so that the server only picks a file and never
 * spends time compressing. The page is none of them: it is another each time.
 */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { brotliCompressSync, gzipSync, constants as zlib } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(?:js|css|svg|json)$/;

/** Below this, headers outweigh what compression saves. */
const MIN_BYTES = 1024;

export function compress(): Plugin {
  let outDir = "dist";
  return {
    name: "cowrite:compress",
    apply: "build",
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      for (const name of await readdir(outDir, { recursive: true })) {
        const path = join(outDir, name);
        if (!TEXT.test(name) || (await stat(path)).size <= MIN_BYTES) continue;
        const source = await readFile(path);
        const params = {
          [zlib.BROTLI_PARAM_QUALITY]: 11,
          [zlib.BROTLI_PARAM_MODE]: zlib.BROTLI_MODE_TEXT,
          [zlib.BROTLI_PARAM_SIZE_HINT]: source.length,
        };
        await writeFile(`${path}.br`, brotliCompressSync(source, { params }));
        await writeFile(`${path}.gz`, gzipSync(source, { level: 9 }));
      }
    },
  };
}
