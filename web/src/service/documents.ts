/** Documents over the REST interface. */
import { addressOf } from "./addresses";
import { linkHeader } from "./links";
import { answer, fields, json, list, nonsense, request, text, time } from "./request";
import { type GrantedRole, parseGranted } from "./roles";

/** What a document is; fixed when it is created. */
export type Kind = "markdown" | "text" | "code";

/** The last edited or made first, or by the alphabet. */
export type Sort = "updated" | "created" | "title";

/** What the server takes (`src/limits.rs`): the longest title and tag in characters, the tags of a document, the longest search. */
export const LIMITS = { title: 200, tag: 32, tags: 16, query: 200 } as const;

export interface DocumentInfo {
  id: string;
  kind: Kind;
  title: string;
  tags: readonly string[];
  /** Milliseconds since 1970, as all times here are. */
  created: number;
  updated: number;
  /** What whoever asked may do; null where nobody is asked who they are. */
  role: GrantedRole | null;
  /** When it went to the trash; null while it is not there. */
  trashed: number | null;
  /** Whether deleting puts it into a trash. A server that has none says nothing of it, and deletes for good. */
  keeps: boolean;
}

/** A line out of a text, and where the words that were looked for stand in it: from and to, in order and apart from each other. */
export interface Snippet {
  text: string;
  marks: readonly (readonly [number, number])[];
}

export interface FoundDocument extends DocumentInfo {
  snippet: Snippet;
}

export interface DocumentPage<Document extends DocumentInfo = DocumentInfo> {
  documents: Document[];
  /** Where the next page starts; null at the end. */
  next: string | null;
}

export interface FoundPage extends DocumentPage<FoundDocument> {
  /** Whether documents may be missing, because the index is being made. */
  indexing: boolean;
}

/** Which documents, in which order, from where on. */
export interface Wanted {
  sort?: Sort;
  tag?: string | null;
  /** What is in the trash instead of what is not. */
  trash?: boolean;
  cursor?: string | null;
}

export type ExportFormat = "txt" | "md" | "html" | "docx" | "json" | "yjs";

export function parseKind(value: unknown): Kind {
  return value === "text" || value === "code" ? value : "markdown";
}

/** A document's address below `/api/v1`. */
export function pathTo(id: string): string {
  return `/documents/${encodeURIComponent(id)}`;
}

/** The same request, with the document's link. */
export function asReader(id: string, init: RequestInit = {}): RequestInit {
  return { ...init, headers: { ...(init.headers as Record<string, string>), ...linkHeader(id) } };
}

export async function createDocument(spec: {
  kind: Kind;
  title?: string;
  text?: string;
}): Promise<DocumentInfo> {
  return toInfo(await request("/documents", json("POST", spec)));
}

export async function uploadDocument(file: File): Promise<DocumentInfo> {
  const body = new FormData();
  body.append("file", file, file.name);
  return toInfo(await request("/documents", { method: "POST", body }));
}

export async function getDocument(id: string): Promise<DocumentInfo> {
  return toInfo(await request(pathTo(id), asReader(id)));
}

/** Documents of an answer: more than fit on a screen, and quickly there. */
const PAGE = "50";

export async function listDocuments(
  { sort, tag, trash, cursor }: Wanted = {},
  signal?: AbortSignal,
): Promise<DocumentPage> {
  const query = new URLSearchParams({ limit: PAGE });
  if (sort) query.set("sort", sort);
  if (tag) query.set("tag", tag);
  if (trash) query.set("trash", "true");
  if (cursor) query.set("cursor", cursor);
  const page = await request(`/documents?${query}`, { signal });
  return { documents: list(page, "documents").map(toInfo), next: nextOf(page) };
}

/** The tags of all documents that one may read and that are not in the trash, the most used first. */
export async function listTags(signal?: AbortSignal): Promise<string[]> {
  const answer = await request("/tags", { signal });
  return list(answer, "tags").map((tag) => {
    const name = text(fields(tag).name);
    if (name === "") throw nonsense();
    return name;
  });
}

/** Looks for documents that have all of these words in their title or their text, the best first. */
export async function searchDocuments(
  words: string,
  cursor: string | null = null,
  signal?: AbortSignal,
): Promise<FoundPage> {
  const query = new URLSearchParams({ query: words, limit: PAGE });
  if (cursor) query.set("cursor", cursor);
  const page = await request(`/documents?${query}`, { signal });
  return {
    documents: list(page, "documents").map((found) => ({
      ...toInfo(found),
      snippet: toSnippet(fields(found).snippet),
    })),
    next: nextOf(page),
    indexing: fields(page).indexing === true,
  };
}

export async function renameDocument(id: string, title: string): Promise<void> {
  await request(pathTo(id), asReader(id, json("PATCH", { title })));
}

/** Gives a document these tags in place of those it has. */
export async function tagDocument(id: string, tags: readonly string[]): Promise<DocumentInfo> {
  return toInfo(await request(pathTo(id), asReader(id, json("PATCH", { tags }))));
}

/** Makes another document of the same kind, text and tags. */
export async function duplicateDocument(id: string, title: string): Promise<DocumentInfo> {
  return toInfo(await request(`${pathTo(id)}/duplicate`, asReader(id, json("POST", { title }))));
}

/** Puts a document into the trash. */
export async function trashDocument(id: string): Promise<void> {
  await request(pathTo(id), { method: "DELETE" });
}

export async function deleteForGood(id: string): Promise<void> {
  await request(`${pathTo(id)}?for_good=true`, { method: "DELETE" });
}

export async function restoreDocument(id: string): Promise<DocumentInfo> {
  return toInfo(await request(`${pathTo(id)}/restore`, { method: "POST" }));
}

/** Where the browser gets an export by itself. It shows no link; see `fetchExport`. */
export function exportAddress(id: string, format: ExportFormat): string {
  return addressOf(`/api/v1${pathTo(id)}/export?format=${format}`);
}

/** An export for whoever came by a link. */
export async function fetchExport(id: string, format: ExportFormat): Promise<Blob> {
  const init = asReader(id, { headers: { accept: "*/*" } });
  return await (await answer(`${pathTo(id)}/export?format=${format}`, init)).blob();
}

function toInfo(value: unknown): DocumentInfo {
  const { id, kind, title, tags, created, updated, role, trashed } = fields(value);
  if (typeof id !== "string") throw nonsense();
  const edited = time(updated) ?? Date.now();
  return {
    id,
    kind: parseKind(kind),
    title: text(title),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
    created: time(created) ?? edited,
    updated: edited,
    role: parseGranted(role),
    trashed: time(trashed),
    keeps: trashed !== undefined,
  };
}

function toSnippet(value: unknown): Snippet {
  const { text: line, marks } = fields(value);
  const isMark = (mark: unknown): mark is [number, number] =>
    Array.isArray(mark) && mark.length === 2 && mark.every(Number.isInteger);
  return { text: text(line), marks: Array.isArray(marks) ? marks.filter(isMark) : [] };
}

function nextOf(page: unknown): string | null {
  return text(fields(page).next_cursor) || null;
}
