/** Who is here, where, and what they do. */
export const presence = {};
