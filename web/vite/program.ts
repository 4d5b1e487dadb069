/** Builds a program that runs apart from the app, by itself and in one piece: what the page starts with, and the service worker. */
import { build, type Rolldown } from "vite";

export interface Program {
  code: string;
  /** The style sheets that it imports, as one. */
  style: string;
}

export async function program(
  entry: string,
  options: { name: string; define?: Record<string, string> },
): Promise<Program> {
  const made = await build({
    configFile: false,
    logLevel: "warn",
    define: options.define ?? {},
    publicDir: false,
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      lib: {
        entry,
        formats: ["iife"],
        name: options.name,
        fileName: options.name,
        cssFileName: options.name,
      },
    },
  });
  const { output } = [made].flat()[0] as Rolldown.RolldownOutput;
  const style = output.find((file) => file.type === "asset" && file.fileName.endsWith(".css"));
  return { code: output[0].code.trim(), style: style?.type === "asset" ? String(style.source).trim() : "" };
}
