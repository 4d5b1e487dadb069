/** What a copy needs of the device it is kept on. Tests bring devices of their own: full ones, broken ones, with several tabs. */
export interface Device {
  /** Null where a browser keeps nothing. */
  readonly indexedDB: IDBFactory | null;
  /** A line to the other tabs of this site; null where there is none. */
  openChannel(name: string): ChannelLike | null;
}

/** The part of `BroadcastChannel` that is used. */
export interface ChannelLike {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** The device this page is open on. */
export const thisDevice: Device = {
  get indexedDB() {
    try {
      return globalThis.indexedDB ?? null;
    } catch {
      // Where storage is forbidden the mere look at it may throw.
      return null;
    }
  },
  openChannel(name) {
    try {
      return new BroadcastChannel(name) as ChannelLike;
    } catch {
      return null;
    }
  },
};
