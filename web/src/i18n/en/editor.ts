/** Writing: toolbar, search, outline, counts, images. */
export const editor = {};
