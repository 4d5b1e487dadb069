/** What somebody was granted in a document; src/auth/role.rs is its twin. What a connection may do at present is `sync`'s `Role`. */
export type GrantedRole = "owner" | "editor" | "commenter" | "viewer";

/** The roles that can be given away, the least first. */
export const GIVEN_ROLES = ["viewer", "commenter", "editor"] as const;

export type GivenRole = (typeof GIVEN_ROLES)[number];

export function parseGranted(value: unknown): GrantedRole | null {
  return value === "owner" || value === "editor" || value === "commenter" || value === "viewer"
    ? value
    : null;
}

export function parseGiven(value: unknown): GivenRole {
  const role = parseGranted(value);
  return role === null || role === "owner" ? "viewer" : role;
}
