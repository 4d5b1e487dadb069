/**
 * Where the server is: in the folder that the page's `<base>` names, which the server writes there (`base-path`). Every address of the
 * server's that the app makes comes from here. Links to the start page are `href="./"`, which `<base>` resolves.
 */

/** The folder that this page's server lives in: `/`, or `/notes/`. */
const FOLDER = folderOf(typeof document === "undefined" ? "" : document.baseURI);

/** The folder of an address, from slash to slash; `/` of what is not an address of the web. */
export function folderOf(baseURI: string): string {
  return /^https?:\/\/[^/?#]+(\/(?:[^?#]*\/)?)/.exec(baseURI)?.[1] ?? "/";
}

/** The address of something on the server: `/api/v1/documents` becomes `/notes/api/v1/documents`. */
export function addressOf(path: string, folder = FOLDER): string {
  return folder + path.slice(1);
}

/** The other way around: what an address on this site is to the app; null if it is not the app's. */
export function pathOf(address: string, folder = FOLDER): string | null {
  return address.startsWith(folder) ? address.slice(folder.length - 1) : null;
}

/** Where a WebSocket of the server is. */
export function socketOf(path: string): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}${addressOf(path)}`;
}
