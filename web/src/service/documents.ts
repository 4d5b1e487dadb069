/** Documents over the REST interface. */
import { addressOf } from "./addresses";
import { linkHeader } from "./links";
import { answer, fields, json, list, nonsense, request, text, time } from "./request";
import { type GrantedRole, parseGranted } from "./roles";

/** What a document is; fixed when it is created. */
export type Kind = "markdown" | "text" | "code";

export interface DocumentInfo {
  id: string;
  kind: Kind;
  title: string;
  /** Milliseconds since 1970. */
  updated: number;
  /** What whoever asked may do; null where nobody is asked who they are. */
  role: GrantedRole | null;
  /** When it went to the trash, in milliseconds since 1970; null while it is not there. */
  trashed: number | null;
  /** Whether deleting puts it into a trash. A server that has none says nothing of it, and deletes for good. */
  keeps: boolean;
}

export interface DocumentPage {
  documents: DocumentInfo[];
  /** Where the next page starts; null at the end. */
  next: string | null;
}

export type ExportFormat = "txt" | "md" | "html" | "json" | "yjs";

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

/** @param trash what is in the trash instead of what is not */
export async function listDocuments(cursor: string | null = null, trash = false): Promise<DocumentPage> {
  const query = new URLSearchParams({ limit: "30" });
  if (cursor) query.set("cursor", cursor);
  if (trash) query.set("trash", "true");
  const page = await request(`/documents?${query}`);
  return {
    documents: list(page, "documents").map(toInfo),
    next: text(fields(page).next_cursor) || null,
  };
}

export async function renameDocument(id: string, title: string): Promise<void> {
  await request(pathTo(id), asReader(id, json("PATCH", { title })));
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

/** Where the browser gets one of a document's pictures by itself. It shows no link; see `fetchImage`. */
export function imageAddress(id: string, name: string): string {
  return addressOf(`/api/v1${pathTo(id)}/images/${encodeURIComponent(name)}`);
}

/** One of a document's pictures for whoever came by a link. */
export async function fetchImage(id: string, name: string): Promise<Blob> {
  const init = asReader(id, { headers: { accept: "image/*" } });
  return await (await answer(`${pathTo(id)}/images/${encodeURIComponent(name)}`, init)).blob();
}

function toInfo(value: unknown): DocumentInfo {
  const { id, kind, title, updated, role, trashed } = fields(value);
  if (typeof id !== "string") throw nonsense();
  return {
    id,
    kind: parseKind(kind),
    title: text(title),
    updated: time(updated) ?? Date.now(),
    role: parseGranted(role),
    trashed: time(trashed),
    keeps: trashed !== undefined,
  };
}
