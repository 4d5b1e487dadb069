/** What to tell whoever is refused: what happened, what was kept, what to do. Codes are those of docs/protocol.md. */
export interface Refusal {
  title: string;
  happened: string;
  /** What to do, for whoever has text on this page. */
  advice: string;
  /** Whether trying again may help. */
  retry: boolean;
}

const SALVAGE = "You can download a copy of it or turn it into a new document.";

export function refusalOf(code: number, reason: string): Refusal {
  switch (code) {
    case 4401:
      return {
        title: "Please sign in",
        happened: "This document is only open to people who are signed in.",
        advice: "Sign in and try again.",
        retry: true,
      };
    case 4403:
      return {
        title: "You have no access to this document",
        happened: "Its owner has not shared it with you, or no longer does.",
        advice: `Ask its owner for access and try again. ${SALVAGE}`,
        retry: true,
      };
    case 4404:
      return {
        title: "This document does not exist",
        happened: "It was deleted, or the address is not quite right.",
        advice: SALVAGE,
        retry: false,
      };
    case 4409:
      return {
        title: "The document was replaced",
        happened:
          "It was deleted and made again, or taken back to an earlier version, while this page held an older copy. The two were not mixed.",
        advice: `${SALVAGE} Then reload to see the document as it is now.`,
        retry: false,
      };
    case 4413:
      return {
        title: "A change was too large",
        happened: "It, or the document with it, is larger than the server takes, so it was not saved.",
        advice: `Reload and add it in smaller parts, or delete something first. ${SALVAGE}`,
        retry: true,
      };
    case 4422:
      return {
        title: "A change could not be read",
        happened: "The server could not make sense of what this page sent, so it was not saved.",
        advice: `Reload to go on from the last saved state. ${SALVAGE}`,
        retry: false,
      };
    default:
      return {
        title: "The server ended the connection",
        happened: reason || "It gave no reason.",
        advice: SALVAGE,
        retry: true,
      };
  }
}
