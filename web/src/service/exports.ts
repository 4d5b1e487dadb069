/** Exports as files, told of as they come. */
import { asReader, type ExportFormat, pathTo } from "./documents";
import { ApiError, answer } from "./request";

export interface Bringing {
  signal: AbortSignal;
  /** Called with the bytes received so far. */
  onBytes: (bytes: number) => void;
}

/** The file that the server makes of a document. */
export async function bringExport(
  id: string,
  format: ExportFormat,
  { signal, onBytes }: Bringing,
): Promise<Blob> {
  const init = asReader(id, { headers: { accept: "*/*" }, signal });
  const response = await answer(`${pathTo(id)}/export?format=${format}`, init);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    const reader = response.body?.getReader();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      parts.push(next.value);
      bytes += next.value.byteLength;
      onBytes(bytes);
    }
  } catch {
    // A part of a file is no file.
    throw new ApiError("The connection was lost on the way.", 0);
  }
  return new Blob(parts, { type: response.headers.get("content-type") ?? "" });
}
