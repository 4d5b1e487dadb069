/** Holds every component to the dictionary: what a person reads or hears is not written where it is shown. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "svelte/compiler";
import ts from "typescript";
import { expect, test } from "vitest";

const SOURCE = import.meta.dirname;

/** Attributes that are shown or read out. */
const SPOKEN =
  /^(?:alt|label|placeholder|title|aria-(?:description|label|placeholder|roledescription|valuetext))$/;

/** What is called the same in every language. */
const NAMES = /\b(?:Cowrite|Yjs|Markdown|JSON|HTML|PDF|Vim|Ctrl|Esc|H)\b/g;

/** What has words that are none of the page's: texts to begin with, the names by which the editor asks for its words, a guest's name as it is kept. */
const WORDS: readonly string[] = [
  "ui/home/templates/en.ts",
  "ui/home/templates/zh.ts",
  "ui/editor/phrases.ts",
  "ui/identity.svelte.ts",
];

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".svelte") || /^ui\b.*(?<!\.test|\/en|\/zh)\.ts$/.test(file))
  .sort();

test.each(files.filter((file) => !WORDS.includes(file)))("%s has no words of its own", (file) => {
  const source = readFileSync(join(SOURCE, file), "utf8");
  const scripts = file.endsWith(".ts")
    ? [source]
    : [...source.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script = ""]) => script);
  expect([...scripts.flatMap(sentences), ...(file.endsWith(".ts") ? [] : words(source))]).toEqual([]);
});

test("words are found in texts, attributes and what is between the braces", () => {
  const source = `<p title="A title" class="b" aria-label={x}>Some {n} words<b>{n ? "or" : \`other \${x}\`}</b> {t.a} · Cowrite 1</p>
    <Dialog title="Named {x}" testid="c" /><svelte:head><title>{a} · Cowrite</title></svelte:head>
    <code>/d/name</code><button aria-label={on ? "Turn off" : t.b} data-kind={on ? "yes" : "no"}></button>
    {#if kind === "a"}<i class={x ? "y" : "z"}></i>{/if}`;
  expect(words(source).map((found) => found.replace(/^\d+: /, ""))).toEqual([
    "A title",
    "Some",
    "words",
    "or",
    "other",
    "Named",
    "Turn off",
  ]);
});

test("sentences are found in scripts, and other strings are not taken for them", () => {
  const source = `import x from "A b"; notices.info("It is done."); notices.info(\`Not \${done} yet\`); f({ label: "Done" }, "a b", "Enter");
    throw new Error("No such thing");`;
  expect(sentences(source)).toEqual(["It is done.", "Not", "Done"]);
});

/** What a script says to people: what begins with a capital and has a space, and what is called a label. */
function sentences(script: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isNewExpression(node) || ts.isImportDeclaration(node) || isKey(node)) return;
    const said = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ? node.text : "";
    const { parent } = node;
    const named =
      parent && ts.isPropertyAssignment(parent) && /^(?:label|title|text|hint)$/.test(parent.name.getText());
    if (/^\p{Lu}\p{L}*’?\p{L}*,? /u.test(said) || (named && /^\p{Lu}\p{Ll}/u.test(said.replace(NAMES, ""))))
      found.push(said.trim());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("script.ts", script, ts.ScriptTarget.Latest, true));
  return found;
}

/** Whether something is what a property goes by. */
function isKey(node: ts.Node): boolean {
  return node.parent && ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}

/** What is written in a component's markup, each with its line. */
function words(source: string): string[] {
  const found: string[] = [];
  const say = (node: Node, text: string) => {
    const rest = text.replace(NAMES, "").trim();
    if (/\p{L}/u.test(rest)) found.push(`${source.slice(0, node.start).split("\n").length}: ${text.trim()}`);
  };
  walk(parse(source, { modern: true }).fragment, (node, path) => {
    const within = (type: string) => path.some((above) => above.type === type);
    if (within("StyleDirective") || path.some((above) => above.name === "code")) return;
    const attribute = path.filter((above) => above.type === "Attribute").at(-1);
    if (attribute && !SPOKEN.test(String(attribute.name))) return;
    if (node.type === "Text") return say(node, String(node.data));
    // Of an expression: what its value may be. What it is compared with, looked up by or given as an argument is not shown.
    const shown = within("ExpressionTag") && !path.some((above, n) => hides(above, path[n + 1] ?? node));
    if (node.type === "Literal" && typeof node.value === "string" && shown) say(node, node.value);
    if (node.type === "TemplateElement" && shown)
      say(node, String((node.value as { cooked?: string }).cooked));
  });
  return found;
}

/** Whether `inner` is a part of `node` that is not its value. */
function hides(node: Node, inner: unknown): boolean {
  switch (node.type) {
    case "ConditionalExpression":
      return node.test === inner;
    case "BinaryExpression":
      return node.operator !== "+";
    case "CallExpression":
    case "MemberExpression":
    case "ArrowFunctionExpression":
      return true;
    default:
      return false;
  }
}

function walk(node: unknown, visit: (node: Node, path: Node[]) => void, path: Node[] = []) {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit, path);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const isNode = typeof (node as Node).type === "string";
  if (isNode) visit(node as Node, path);
  const next = isNode ? [...path, node as Node] : path;
  for (const [key, value] of Object.entries(node)) {
    if (key === "type" || key === "start" || key === "end" || key === "loc" || key === "metadata") continue;
    if (typeof value === "object") walk(value, visit, next);
  }
}
