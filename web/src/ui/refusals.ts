/**
 * What to tell whoever is refused: what happened, what was kept, what to do. Codes are those of docs/protocol.md; several reasons share
 * one, and the REST interface tells them apart.
 */
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
  | "trashed";

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

const SALVAGE = "You can download a copy of it or turn it into a new document.";
const HERE = "Open this document from the application that you use.";

export function refusalOf(code: number, reason: string, why: Why | null, asker: Asker): Refusal {
  switch (code) {
    case 4401:
    case 4403:
      return accessRefusal(why ?? (code === 4401 ? "unauthenticated" : "forbidden"), asker);
    case 4404:
      if (why === "trashed") return accessRefusal(why, asker);
      return {
        title: "This document does not exist",
        happened: "It was deleted, or the address is not quite right.",
        advice: SALVAGE,
        help: null,
      };
    case 4409:
      return {
        title: "The document was replaced",
        happened:
          "It was deleted and made again, or taken back to an earlier version, while this page held an older copy. The two were not mixed.",
        advice: `${SALVAGE} Then reload to see the document as it is now.`,
        help: "reload",
      };
    case 4413:
      return {
        title: "A change was too large",
        happened: "It, or the document with it, is larger than the server takes, so it was not saved.",
        advice: `Reload and add it in smaller parts, or delete something first. ${SALVAGE}`,
        help: "reload",
      };
    case 4422:
      return {
        title: "A change could not be read",
        happened: "The server could not make sense of what this page sent, so it was not saved.",
        advice: `Reload to go on from the last saved state. ${SALVAGE}`,
        help: "reload",
      };
    default:
      return {
        title: "The server ended the connection",
        happened: reason || "It gave no reason.",
        advice: SALVAGE,
        help: "retry",
      };
  }
}

function accessRefusal(why: Why, { mode, signedIn, link }: Asker): Refusal {
  const embedded = mode === "jwt";
  switch (why) {
    case "unauthenticated":
      return {
        title: embedded ? "Open this from your application" : "Please sign in",
        happened: embedded
          ? `It shows who you are when it opens a document; this page alone cannot. ${HERE}`
          : "This document is only open to people who are signed in, or who have a link to it.",
        advice: embedded ? HERE : "Sign in, and it goes on here with what you wrote.",
        help: embedded ? "retry" : "sign-in",
      };
    case "expired":
      if (link && !embedded) {
        return {
          title: "This link has ended",
          happened: "Whoever made it let it be good for a time, which is over.",
          advice: `Ask whoever gave it to you for a new one. ${SALVAGE}`,
          help: signedIn ? "retry" : "sign-in",
        };
      }
      return {
        title: "You were signed out",
        happened: embedded
          ? `What showed who you are was good for a time, which is over. ${HERE}`
          : "You were signed in for a time, which is over.",
        advice: embedded ? HERE : "Sign in again, and it goes on here with what you wrote.",
        help: embedded ? "retry" : "sign-in",
      };
    case "locked":
      return {
        title: "This link asks for a password",
        happened: "Whoever gave you the link has it.",
        advice: "With it you can go on here.",
        help: "unlock",
      };
    case "revoked":
      return {
        title: "You no longer have access",
        happened: link
          ? "The link that you came by was taken back."
          : "The document is no longer shared with you.",
        advice: `Ask its owner for access again. ${SALVAGE}`,
        help: signedIn || embedded ? "retry" : "sign-in",
      };
    case "trashed":
      return {
        title: "This document is in the trash",
        happened: "It was deleted, and can be restored by its owner for some time.",
        advice: SALVAGE,
        help: "restore",
      };
    case "forbidden":
      return {
        title: "You have no access to this document",
        happened: "Its owner has not shared it with you, or no longer does.",
        advice: `Ask its owner for access and try again. ${SALVAGE}`,
        help: signedIn || embedded ? "retry" : "sign-in",
      };
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
    default:
      return null;
  }
}
