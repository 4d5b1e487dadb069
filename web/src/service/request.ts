/** One request to the server's REST interface. Every failure is an `ApiError` whose message can be shown. */
import { addressOf } from "./addresses";

export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    message: string,
    /** The HTTP status; 0 when the server was not reached. */
    readonly status: number,
    /** The kind of problem, such as `wrong-password`: the last part of the problem's `type`; empty when there was none. */
    readonly kind = "",
    /** Seconds after which trying again makes sense, when the server said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** What a server sends that is not what was agreed on. */
export function nonsense(status = 200): ApiError {
  return new ApiError("The server's answer made no sense.", status);
}

export function json(method: string, body: unknown): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** @param path below `/api/v1`, such as `/documents` */
export async function request(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await answer(path, init);
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw nonsense(response.status);
  }
}

/** The same, for whoever wants the bytes. */
export async function answer(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    const headers = { accept: "application/json", ...(init.headers as Record<string, string>) };
    response = await fetch(addressOf(`/api/v1${path}`), { ...init, headers });
  } catch {
    throw new ApiError("The server cannot be reached.", 0);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  return problemIn(fields(body), response.status, response.headers.get("retry-after"));
}

/** RFC 9457: the detail is for people; the title is the next best. */
export function problemIn(
  { type, detail, title }: Record<string, unknown>,
  status: number,
  retryAfter: string | null,
): ApiError {
  const sentence = [detail, title].find((text) => typeof text === "string" && text !== "");
  const kind = typeof type === "string" ? type.slice(type.lastIndexOf(":") + 1) : "";
  const wait = Number(retryAfter ?? Number.NaN);
  return new ApiError(
    String(sentence ?? `The server answered with ${status}.`),
    status,
    kind,
    Number.isFinite(wait) ? wait : null,
  );
}

/** The fields of an object; none of what is no object. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The list under a name; an answer without it makes no sense. */
export function list(value: unknown, name: string): unknown[] {
  const found = fields(value)[name];
  if (!Array.isArray(found)) throw nonsense();
  return found;
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Milliseconds since 1970, of a number or of RFC 3339; null of anything else. */
export function time(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" ? Date.parse(value) || null : null;
}

/** What to tell about any failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
