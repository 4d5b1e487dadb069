/** Pages and banners that say no: missing, deleted, refused. */
const salvage = "You can download a copy of it or turn it into a new document.";
const elsewhere = "Open this document from the application that you use.";

export const pages = {
  home: "Cowrite, your documents",
  missing: "There is nothing here",
  missingWhy: "The address may be mistyped. Documents have addresses like this one:",
  toDocuments: "Go to your documents",
  embedded: "Open this from your application",
  embeddedWhy: "It shows who you are when it opens a document; this page alone cannot.",

  signIn: "Sign in",
  reload: "Reload",
  restore: "Restore it",
  notRestored: (why: string) => `It could not be restored. ${why}`,
  stillHere: "The text is still on this page",
  notSaved: ", but nothing is saved from here on.",
  stranded: "You may no longer write here",
  strandedWhy: "Your last changes came too late and were not sent.",
  strandedHere: "They are still on this page",
  strandedHelp:
    ", and nobody else sees them. Keep a copy; they are sent if you may write again while the page is open.",
  copyToNew: "Copy to a new document",
  copying: "Copying…",
  openCopy: "Open the new document",
  notCopied: (why: string) => `The copy could not be made. ${why}`,
  downloadCopy: "Download a copy",
  password: "Password of the link",
  unlock: "Open",
  unlocking: "One moment…",
  wrongPassword: "That is not the password of this link. Whoever gave you the link can tell you.",

  /** What each refusal says: what happened, and what to do for whoever has text on the page. */
  refusals: {
    missing: {
      title: "This document does not exist",
      happened: "It was deleted, or the address is not quite right.",
      advice: salvage,
    },
    deleted: {
      title: "This document was deleted",
      happened: "It was deleted for good and cannot be restored.",
      advice: salvage,
    },
    replaced: {
      title: "The document was replaced",
      happened:
        "It was deleted and made again, or taken back to an earlier version, while this page held an older copy. The two were not mixed.",
      advice: `${salvage} Then reload to see the document as it is now.`,
    },
    tooLarge: {
      title: "A change was too large",
      happened: "It, or the document with it, is larger than the server takes, so it was not saved.",
      advice: `Reload and add it in smaller parts, or delete something first. ${salvage}`,
    },
    malformed: {
      title: "A change could not be read",
      happened: "The server could not make sense of what this page sent, so it was not saved.",
      advice: `Reload to go on from the last saved state. ${salvage}`,
    },
    unknown: {
      title: "The server ended the connection",
      happened: "It gave no reason.",
      advice: salvage,
    },
    unauthenticated: {
      title: "Please sign in",
      happened: "This document is only open to people who are signed in, or who have a link to it.",
      advice: "Sign in, and it goes on here with what you wrote.",
    },
    embedded: {
      title: "Open this from your application",
      happened: `It shows who you are when it opens a document; this page alone cannot. ${elsewhere}`,
      advice: elsewhere,
    },
    linkExpired: {
      title: "This link has ended",
      happened: "Whoever made it let it be good for a time, which is over.",
      advice: `Ask whoever gave it to you for a new one. ${salvage}`,
    },
    expired: {
      title: "You were signed out",
      happened: "You were signed in for a time, which is over.",
      advice: "Sign in again, and it goes on here with what you wrote.",
    },
    embeddedExpired: {
      title: "You were signed out",
      happened: `What showed who you are was good for a time, which is over. ${elsewhere}`,
      advice: elsewhere,
    },
    locked: {
      title: "This link asks for a password",
      happened: "Whoever gave you the link has it.",
      advice: "With it you can go on here.",
    },
    linkRevoked: {
      title: "You no longer have access",
      happened: "The link that you came by was taken back.",
      advice: `Ask its owner for access again. ${salvage}`,
    },
    revoked: {
      title: "You no longer have access",
      happened: "The document is no longer shared with you.",
      advice: `Ask its owner for access again. ${salvage}`,
    },
    trashed: {
      title: "This document is in the trash",
      happened: "It was deleted, and can be restored by its owner for some time.",
      advice: salvage,
    },
    forbidden: {
      title: "You have no access to this document",
      happened: "Its owner has not shared it with you, or no longer does.",
      advice: `Ask its owner for access and try again. ${salvage}`,
    },
  },

  /** What a request fails with, by the kind of problem, where the server's own sentence says no more than this. */
  problems: {
    unreached: "The server cannot be reached.",
    unauthenticated: "You are not signed in any more.",
    expired: "You are not signed in any more.",
    forbidden: "You may not do this.",
    revoked: "You may not do this any more.",
    trashed: "It is in the trash.",
    missing: "It is not there any more.",
    tooLarge: "It is larger than the server takes.",
    readOnly: "The server cannot save anything at present. Try again later.",
    overloaded: "The server is busy. Try again in a moment.",
    internal: "Something went wrong on the server. Try again later.",
  },
};
