/** The documents opened on this device, last first. */
import { type Kind, parseKind, recall, remember } from "../service";

export interface RecentDocument {
  id: string;
  title: string;
  kind: Kind;
  /** Milliseconds since 1970. */
  opened: number;
}

const MAX_RECENT = 24;

export function recentDocuments(): RecentDocument[] {
  try {
    const stored: unknown = JSON.parse(recall("recent") ?? "[]");
    return Array.isArray(stored) ? stored.filter(isRecent).slice(0, MAX_RECENT) : [];
  } catch {
    return [];
  }
}

export function rememberDocument(document: RecentDocument) {
  const others = recentDocuments().filter(({ id }) => id !== document.id);
  remember("recent", JSON.stringify([document, ...others].slice(0, MAX_RECENT)));
}

export function forgetDocument(id: string) {
  remember("recent", JSON.stringify(recentDocuments().filter((document) => document.id !== id)));
}

function isRecent(value: unknown): value is RecentDocument {
  if (typeof value !== "object" || value === null) return false;
  const { id, title, kind, opened } = value as Record<string, unknown>;
  return (
    typeof id === "string" &&
    typeof title === "string" &&
    typeof opened === "number" &&
    parseKind(kind) === kind
  );
}
