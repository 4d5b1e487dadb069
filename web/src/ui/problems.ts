/** What a failed request means, in the reader's language. */
import { t } from "../i18n";
import { ApiError, messageOf } from "../service";

type Words = keyof typeof t.pages.problems;

/** The kinds of docs/api.md whose sentence says no more than ours. What the server says of others is worth more than ours, where it is in the reader's language. */
const KINDS: Record<string, Words> = {
  unauthenticated: "unauthenticated",
  expired: "expired",
  forbidden: "forbidden",
  revoked: "revoked",
  trashed: "trashed",
  "unknown-document": "missing",
  "deleted-document": "missing",
  "too-large": "tooLarge",
  "read-only": "readOnly",
  overloaded: "overloaded",
  "shutting-down": "overloaded",
  internal: "internal",
};

export function explain(error: unknown): string {
  if (isUnreached(error)) return t.pages.problems.unreached;
  if (!(error instanceof ApiError)) return messageOf(error);
  const known = KINDS[error.kind];
  return known ? t.pages.problems[known] : t.accounts.refusal(error.kind, error.status, error.message);
}

/** Whether nobody answered at all, so that trying again makes sense once the network is back. */
export function isUnreached(error: unknown): boolean {
  return error instanceof ApiError && error.status === 0;
}
