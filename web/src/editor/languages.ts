/**
 * The languages that code is written in: what they are called, which files they are for, and their grammars, each of which is loaded
 * when it is first wanted. Code documents, fenced code in Markdown and the preview all ask here.
 */
import type { Language, StreamParser } from "@codemirror/language";
import { highlightTree } from "@lezer/highlight";
import { codeHighlighter } from "./highlight";

export interface CodeLanguage {
  /** What a document remembers it by. */
  readonly id: string;
  /** What people call it; a proper name, the same in every language of the interface. */
  readonly name: string;
  /** Other names, and extensions of files, in lower case. */
  readonly aliases: readonly string[];
  load(): Promise<Language>;
}

/** By name, as a list shows them. */
export const LANGUAGES: readonly CodeLanguage[] = [
  language("c", "C", "h", async () => (await import("./grammars/cpp")).cppLanguage),
  language(
    "csharp",
    "C#",
    "c# cs",
    mode(async () => (await import("@codemirror/legacy-modes/mode/clike")).csharp),
  ),
  language("cpp", "C++", "c++ cc cxx hpp hh hxx", async () => (await import("./grammars/cpp")).cppLanguage),
  language("css", "CSS", "", async () => (await import("./grammars/css")).cssLanguage),
  language(
    "dart",
    "Dart",
    "",
    mode(async () => (await import("@codemirror/legacy-modes/mode/clike")).dart),
  ),
  language(
    "diff",
    "Diff",
    "patch",
    mode(async () => (await import("@codemirror/legacy-modes/mode/diff")).diff),
  ),
  language(
    "dockerfile",
    "Dockerfile",
    "docker containerfile",
    mode(async () => (await import("@codemirror/legacy-modes/mode/dockerfile")).dockerFile),
  ),
  language("go", "Go", "golang", async () => (await import("./grammars/go")).goLanguage),
  language(
    "haskell",
    "Haskell",
    "hs",
    mode(async () => (await import("@codemirror/legacy-modes/mode/haskell")).haskell),
  ),
  language(
    "html",
    "HTML",
    "htm xhtml vue svelte",
    async () => (await import("./grammars/html")).htmlLanguage,
  ),
  language(
    "ini",
    "INI",
    "properties cfg conf env",
    mode(async () => (await import("@codemirror/legacy-modes/mode/properties")).properties),
  ),
  language("java", "Java", "", async () => (await import("./grammars/java")).javaLanguage),
  language(
    "javascript",
    "JavaScript",
    "js mjs cjs node",
    async () => (await import("./grammars/javascript")).javascriptLanguage,
  ),
  language(
    "json",
    "JSON",
    "jsonc json5 webmanifest",
    async () => (await import("./grammars/json")).jsonLanguage,
  ),
  language("jsx", "JSX", "", async () => (await import("./grammars/javascript")).jsxLanguage),
  language(
    "kotlin",
    "Kotlin",
    "kt kts",
    mode(async () => (await import("@codemirror/legacy-modes/mode/clike")).kotlin),
  ),
  language(
    "latex",
    "LaTeX",
    "tex sty",
    mode(async () => (await import("@codemirror/legacy-modes/mode/stex")).stex),
  ),
  language(
    "lua",
    "Lua",
    "",
    mode(async () => (await import("@codemirror/legacy-modes/mode/lua")).lua),
  ),
  language("markdown", "Markdown", "md mkd", async () => (await import("./markdown")).markdownCode),
  language(
    "nginx",
    "Nginx",
    "",
    mode(async () => (await import("@codemirror/legacy-modes/mode/nginx")).nginx),
  ),
  language(
    "perl",
    "Perl",
    "pl pm",
    mode(async () => (await import("@codemirror/legacy-modes/mode/perl")).perl),
  ),
  language("php", "PHP", "", async () => (await import("./grammars/php")).php),
  language(
    "powershell",
    "PowerShell",
    "ps1 psm1 pwsh",
    mode(async () => (await import("@codemirror/legacy-modes/mode/powershell")).powerShell),
  ),
  language(
    "protobuf",
    "Protocol Buffers",
    "proto",
    mode(async () => (await import("@codemirror/legacy-modes/mode/protobuf")).protobuf),
  ),
  language(
    "python",
    "Python",
    "py pyi python3",
    async () => (await import("./grammars/python")).pythonLanguage,
  ),
  language(
    "r",
    "R",
    "",
    mode(async () => (await import("@codemirror/legacy-modes/mode/r")).r),
  ),
  language(
    "ruby",
    "Ruby",
    "rb rake gemfile",
    mode(async () => (await import("@codemirror/legacy-modes/mode/ruby")).ruby),
  ),
  language("rust", "Rust", "rs", async () => (await import("./grammars/rust")).rustLanguage),
  language(
    "scala",
    "Scala",
    "sc",
    mode(async () => (await import("@codemirror/legacy-modes/mode/clike")).scala),
  ),
  language(
    "shell",
    "Shell",
    "sh bash zsh console shellsession",
    mode(async () => (await import("@codemirror/legacy-modes/mode/shell")).shell),
  ),
  language(
    "sql",
    "SQL",
    "mysql postgres postgresql sqlite",
    async () => (await import("./grammars/sql")).StandardSQL.language,
  ),
  language(
    "swift",
    "Swift",
    "",
    mode(async () => (await import("@codemirror/legacy-modes/mode/swift")).swift),
  ),
  language(
    "toml",
    "TOML",
    "",
    mode(async () => (await import("@codemirror/legacy-modes/mode/toml")).toml),
  ),
  language("tsx", "TSX", "", async () => (await import("./grammars/javascript")).tsxLanguage),
  language(
    "typescript",
    "TypeScript",
    "ts mts cts",
    async () => (await import("./grammars/javascript")).typescriptLanguage,
  ),
  language("xml", "XML", "svg xsl xsd rss plist", async () => (await import("./grammars/xml")).xmlLanguage),
  language("yaml", "YAML", "yml", async () => (await import("./grammars/yaml")).yamlLanguage),
];

/** The language somebody means by a name, as after the fence of a code block; null when there is none. */
export function languageNamed(name: string): CodeLanguage | null {
  const wanted = name.trim().toLowerCase();
  return LANGUAGES.find(({ id, aliases }) => id === wanted || aliases.includes(wanted)) ?? null;
}

/** The language of a fence's info string, such as `js {1,3}` or `{r}`. */
export function languageOfInfo(info: string): CodeLanguage | null {
  return languageNamed(/[\w+#-]+/.exec(info)?.[0] ?? "");
}

/** The language that a title is for when it is a file's name; null when it is none's. */
export function languageOfTitle(title: string): CodeLanguage | null {
  const name = title.trim().toLowerCase();
  if (/\s/.test(name)) return null;
  const at = name.lastIndexOf(".");
  return languageNamed(at < 0 ? (WHOLE_NAMES.find((whole) => whole === name) ?? "") : name.slice(at + 1));
}

/** Files that are known by their whole name. Others without an extension are titles: a list called "Go" is no program. */
const WHOLE_NAMES = ["dockerfile", "containerfile", "gemfile"];

const loading = new Map<string, Promise<Language | null>>();
const loaded = new Map<string, Language>();
const unavailable = new Set<string>();

/** How long after it could not be loaded a grammar is asked for again. */
const RETRY_MS = 30_000;

/** A language's grammar, by any of its names; null when there is none, or it cannot be loaded now. */
export function loadLanguage(name: string): Promise<Language | null> {
  const found = languageNamed(name);
  if (!found) return Promise.resolve(null);
  const { id } = found;
  let promise = loading.get(id);
  if (!promise) {
    promise = found.load().then(
      (language) => {
        loaded.set(id, language);
        return language;
      },
      () => {
        // Later there may be a connection.
        setTimeout(() => loading.delete(id) && unavailable.delete(id), RETRY_MS);
        unavailable.add(id);
        return null;
      },
    );
    loading.set(id, promise);
  }
  return promise;
}

/** A grammar that was loaded before; null when it was not. */
export function loadedLanguage(name: string): Language | null {
  const found = languageNamed(name);
  return found ? (loaded.get(found.id) ?? null) : null;
}

/** Whether a grammar could not be loaded just now. */
export function isUnavailable(name: string): boolean {
  const found = languageNamed(name);
  return found !== null && unavailable.has(found.id);
}

/** Code longer than this is not coloured by `highlightCode`, which does it in one go. */
const MAX_HIGHLIGHTED = 100_000;

/**
 * Code as pieces with their classes (see `codeHighlighter`), in order and without gaps; a piece without meaning has none.
 *
 * @returns false, and has emitted nothing, when the language is not loaded (see `loadLanguage`) or the code is too long
 */
export function highlightCode(
  text: string,
  name: string,
  emit: (text: string, classes: string) => void,
): boolean {
  const language = loadedLanguage(name);
  if (!language || text.length > MAX_HIGHLIGHTED) return false;
  let reached = 0;
  highlightTree(language.parser.parse(text), codeHighlighter, (from, to, classes) => {
    if (from > reached) emit(text.slice(reached, from), "");
    emit(text.slice(from, to), classes);
    reached = to;
  });
  if (reached < text.length) emit(text.slice(reached), "");
  return true;
}

function language(id: string, name: string, aliases: string, load: () => Promise<Language>): CodeLanguage {
  return { id, name, aliases: aliases.split(" ").filter(Boolean), load };
}

/** What loads a mode that reads line by line. */
function mode<State>(load: () => Promise<StreamParser<State>>): () => Promise<Language> {
  return async () => {
    const [{ streamed }, parser] = await Promise.all([import("./grammars/stream"), load()]);
    return streamed(parser);
  };
}
