/** What a failed attempt means, in words: also how long to wait, which the server says beside its sentence. */
import { ApiError, messageOf } from "../../service";

export function failureOf(error: unknown): string {
  if (!(error instanceof ApiError)) return messageOf(error);
  switch (error.kind) {
    case "wrong-password":
      return "This name and password do not belong together. Nothing else is told, so that nobody can find out who has an account.";
    case "too-many-attempts":
      return `There were too many attempts. Try again in ${waitOf(error.retryAfter)}; until then not even the right password is taken.`;
    default:
      return error.message;
  }
}

function waitOf(seconds: number | null): string {
  if (seconds === null) return "a moment";
  if (seconds < 90) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
