/** The start: lists, templates, trash. */
export const home = {};
