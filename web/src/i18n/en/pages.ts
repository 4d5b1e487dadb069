/** Pages and banners that say no: missing, deleted, refused. */
export const pages = {};
