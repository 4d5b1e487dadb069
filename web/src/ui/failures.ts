/** What went wrong, in the reader's language. */
import { t } from "../i18n";
import { ApiError, messageOf } from "../service";

/** Why the server did not do what it was asked. */
export function reasonOf(error: unknown): string {
  return error instanceof ApiError
    ? t.accounts.refusal(error.kind, error.status, error.message)
    : messageOf(error);
}
