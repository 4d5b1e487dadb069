/** Signing in, invitations, people. */
export const accounts = {};
