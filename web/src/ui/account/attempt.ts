/** What a failed attempt means, in words: also how long to wait, which the server says beside its sentence. */
import { t } from "../../i18n";
import { ApiError } from "../../service";
import { explain } from "../problems";

export function failureOf(error: unknown): string {
  if (!(error instanceof ApiError)) return explain(error);
  switch (error.kind) {
    case "wrong-password":
      return t.accounts.wrongPassword;
    case "too-many-attempts":
      return t.accounts.tooManyAttempts(waitOf(error.retryAfter));
    default:
      return explain(error);
  }
}

function waitOf(seconds: number | null): string {
  if (seconds === null) return t.accounts.aMoment;
  return seconds < 90 ? t.accounts.seconds(seconds) : t.accounts.minutes(Math.ceil(seconds / 60));
}
