/** Images of a document over the REST interface. */
import { addressOf } from "./addresses";
import { asReader, pathTo } from "./documents";
import { ApiError, answer, fields, nonsense, problemIn, text } from "./request";

export interface UploadedImage {
  /** What the document's text calls it, such as `images/<hash>.png`. */
  address: string;
}

/** What a server takes, and browsers show. */
export const IMAGE_TYPES: readonly string[] = [
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
];

/** No server takes a larger one unless it was told to; said before anything is sent. */
export const MAX_IMAGE_BYTES = 8 * 1024 * 1024;

/**
 * Uploads an image. Not `fetch`, which doesn't tell how far it is.
 *
 * @param onprogress called with what was sent, from 0 to 1
 */
export function uploadImage(
  id: string,
  image: File,
  onprogress: (part: number) => void,
  signal?: AbortSignal,
): Promise<UploadedImage> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", addressOf(`/api/v1${pathTo(id)}/images`));
    const { headers } = asReader(id, {
      headers: { accept: "application/json", "content-type": image.type },
    });
    for (const [name, value] of Object.entries(headers as Record<string, string>)) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded, total }) => onprogress(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new ApiError("The server cannot be reached.", 0));
    request.onload = () => {
      const { status } = request;
      const body = fields(parsed(request.responseText));
      if (status < 200 || status > 299) {
        reject(problemIn(body, status, request.getResponseHeader("retry-after")));
      } else if (text(body.address) === "") reject(nonsense(status));
      else resolve({ address: text(body.address) });
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(image);
  });
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

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
