/** What the store's error is called whose copy was cleared or is another. Told by its name: the store is loaded when it is wanted. */
export const COPY_GONE = "CopyGone";
