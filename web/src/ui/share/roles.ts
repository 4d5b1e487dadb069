import type { GivenRole, GrantedRole } from "../../service";

/** What a role lets somebody do, as one says it to whoever gives it. */
export const ROLE_LABELS: Record<GivenRole, string> = {
  viewer: "May read",
  commenter: "May comment",
  editor: "May edit",
};

/** The same, to whoever has it. */
export const OWN_ROLE: Record<GrantedRole, string> = {
  viewer: "You may read this document.",
  commenter: "You may read this document and comment on it.",
  editor: "You may edit this document.",
  owner: "This document is yours.",
};
