/**
 * What to tell whoever is refused: what happened, what was kept, what to do. Codes are those of docs/protocol.md; several reasons share
 * one, and the REST interface tells them apart.
 */
import { t } from "../i18n";
import type { Mode } from "../service";

/** Why somebody may not come to a document, where its close code alone does not say. */
export type Why =
  | "unauthenticated"
  /** Whatever one came with was good for a time. */
  | "expired"
  /** The link asks for its password. */
  | "locked"
  | "forbidden"
  | "revoked"
  | "trashed"
  /** Gone for good. */
  | "deleted";

/** Who is refused, as far as it matters for what to do. */
export interface Asker {
  mode: Mode;
  /** Whether they are somebody to the server. */
  signedIn: boolean;
  /** Whether they came by a link. */
  link: boolean;
}

export interface Refusal {
  title: string;
  happened: string;
  /** What to do, for whoever has text on this page. */
  advice: string;
  /** What may help. */
  help: "retry" | "sign-in" | "unlock" | "restore" | "reload" | null;
}

type Help = Refusal["help"];

export function refusalOf(code: number, reason: string, why: Why | null, asker: Asker): Refusal {
  const { refusals } = t.pages;
  switch (code) {
    case 4401:
    case 4403:
      return accessRefusal(why ?? (code === 4401 ? "unauthenticated" : "forbidden"), asker);
    case 4404:
      if (why === "trashed" || why === "deleted") return accessRefusal(why, asker);
      return { ...refusals.missing, help: null };
    case 4409:
      return { ...refusals.replaced, help: "reload" };
    case 4413:
      return { ...refusals.tooLarge, help: "reload" };
    case 4422:
      return { ...refusals.malformed, help: "reload" };
    default:
      return { ...refusals.unknown, happened: reason || refusals.unknown.happened, help: "retry" };
  }
}

function accessRefusal(why: Why, { mode, signedIn, link }: Asker): Refusal {
  const { refusals } = t.pages;
  const embedded = mode === "jwt";
  /** Who is nobody here may be somebody once they sign in; in an application around this one there is nowhere to do it. */
  const again: Help = signedIn || embedded ? "retry" : "sign-in";
  switch (why) {
    case "unauthenticated":
      return embedded
        ? { ...refusals.embedded, help: "retry" }
        : { ...refusals.unauthenticated, help: "sign-in" };
    case "expired":
      if (embedded) return { ...refusals.embeddedExpired, help: "retry" };
      return link ? { ...refusals.linkExpired, help: again } : { ...refusals.expired, help: "sign-in" };
    case "locked":
      return { ...refusals.locked, help: "unlock" };
    case "revoked":
      return { ...(link ? refusals.linkRevoked : refusals.revoked), help: again };
    case "trashed":
      return { ...refusals.trashed, help: "restore" };
    case "deleted":
      return { ...refusals.deleted, help: null };
    case "forbidden":
      return { ...refusals.forbidden, help: again };
  }
}

/** The reason in a problem document's kind; null for one that is not about access. */
export function whyOf(kind: string): Why | null {
  switch (kind) {
    case "unauthenticated":
    case "expired":
    case "locked":
    case "forbidden":
    case "revoked":
    case "trashed":
      return kind;
    case "deleted-document":
      return "deleted";
    default:
      return null;
  }
}

/** The close code that comes with a reason. */
export function codeOf(why: Why): number {
  switch (why) {
    case "unauthenticated":
    case "expired":
    case "locked":
      return 4401;
    case "forbidden":
    case "revoked":
      return 4403;
    case "trashed":
    case "deleted":
      return 4404;
  }
}
