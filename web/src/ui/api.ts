/** The server's REST interface, as functions. Every failure is an `ApiError` whose message can be shown. */
import type { Kind } from "../editor/setup";
import { addressOf } from "./addresses";
import { parseKind } from "./recent";

export interface DocumentInfo {
  id: string;
  kind: Kind;
  title: string;
  /** Milliseconds since 1970. */
  updated: number;
}

export interface DocumentPage {
  documents: DocumentInfo[];
  /** Where the next page starts; null at the end. */
  next: string | null;
}

export type ExportFormat = "txt" | "md" | "html" | "json" | "yjs";

export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    message: string,
    /** The HTTP status; 0 when the server was not reached. */
    readonly status: number,
  ) {
    super(message);
  }
}

const BASE = addressOf("/api/v1/documents");

export async function createDocument(spec: {
  kind: Kind;
  title?: string;
  text?: string;
}): Promise<DocumentInfo> {
  return toInfo(await request(BASE, json("POST", spec)));
}

export async function uploadDocument(file: File): Promise<DocumentInfo> {
  const body = new FormData();
  body.append("file", file, file.name);
  return toInfo(await request(BASE, { method: "POST", body }));
}

export async function listDocuments(cursor: string | null = null): Promise<DocumentPage> {
  const query = new URLSearchParams({ limit: "30" });
  if (cursor) query.set("cursor", cursor);
  const page = (await request(`${BASE}?${query}`)) as { documents?: unknown[]; next_cursor?: unknown };
  return {
    documents: (page.documents ?? []).map(toInfo),
    next: typeof page.next_cursor === "string" ? page.next_cursor : null,
  };
}

export async function renameDocument(id: string, title: string): Promise<void> {
  await request(address(id), json("PATCH", { title }));
}

export async function deleteDocument(id: string): Promise<void> {
  await request(address(id), { method: "DELETE" });
}

export function exportAddress(id: string, format: ExportFormat): string {
  return `${address(id)}/export?format=${format}`;
}

function address(id: string): string {
  return `${BASE}/${encodeURIComponent(id)}`;
}

function json(method: string, body: unknown): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function request(url: string, init: RequestInit = {}): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers: { accept: "application/json", ...init.headers } });
  } catch {
    throw new ApiError("The server cannot be reached.", 0);
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new ApiError("The server's answer made no sense.", response.status);
  }
}

/** RFC 9457: the detail is for people; the title is the next best. */
async function problemOf(response: Response): Promise<ApiError> {
  const problem: unknown = await response.json().catch(() => null);
  const { detail, title } = (problem ?? {}) as Record<string, unknown>;
  const sentence = [detail, title].find((text) => typeof text === "string" && text !== "");
  return new ApiError(String(sentence ?? `The server answered with ${response.status}.`), response.status);
}

function toInfo(value: unknown): DocumentInfo {
  const { id, kind, title, updated } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== "string") throw new ApiError("The server's answer made no sense.", 200);
  return {
    id,
    kind: parseKind(kind),
    title: typeof title === "string" ? title : "",
    updated: typeof updated === "number" ? updated : Date.parse(String(updated)) || Date.now(),
  };
}

/** What to tell about any failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
