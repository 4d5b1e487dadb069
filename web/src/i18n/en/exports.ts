/** Taking a document away. */
export const exports = {};
