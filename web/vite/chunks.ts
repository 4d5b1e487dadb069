/**
 * Which modules go together. Left alone, the bundler cuts what a document's page needs at first into a file for each set of lazily
 * loaded parts that share some of it, and each cut costs bytes and a request.
 */
import { resolve } from "node:path";

interface Graph {
  getModuleInfo(id: string): { importedIds: string[]; dynamicallyImportedIds: string[] } | null;
}

const source = (path: string) => resolve(import.meta.dirname, "../src", path);
const ENTRY = source("main.ts");
const APP = source("ui/App.svelte");
const DOCUMENT_PAGE = source("ui/DocumentPage.svelte");

/** One file of all that a document's page needs at first and no other page does. */
export function documentPage() {
  let own: ReadonlySet<string> | null = null;
  return {
    name(id: string, graph: Graph) {
      own ??= ownModules(graph);
      return own.has(id) ? "DocumentPage" : null;
    },
    // What it shares with the other pages stays outside.
    includeDependenciesRecursively: false,
  };
}

function ownModules(graph: Graph): ReadonlySet<string> {
  const pages = graph.getModuleInfo(APP)?.dynamicallyImportedIds ?? [];
  const others = reach(graph, [ENTRY, ...pages.filter((page) => page !== DOCUMENT_PAGE)]);
  return new Set([...reach(graph, [DOCUMENT_PAGE])].filter((id) => !others.has(id)));
}

/** The modules that come with `roots`. */
function reach(graph: Graph, roots: readonly string[]): Set<string> {
  const reached = new Set(roots);
  // A set that grows is walked to its end.
  for (const id of reached) for (const next of graph.getModuleInfo(id)?.importedIds ?? []) reached.add(next);
  return reached;
}
