/** The copy on this device, and the app without a network. */
export const offline = {
  kept: "Saved on this device",
  keptShort: "On this device",
  keptWhy:
    "The server does not have your last changes yet. They are kept here, also when you close the page, and go there once it can be reached.",
  noCopy: "This browser keeps no copy. You can go on typing; keep this page open until it says “Saved”.",
  discardTitle: "Discard your changes?",
  discardWhy:
    "What you wrote here and the server does not have is removed from this device. To keep it, cancel and save a copy first.",
  discard: "Discard and reload",
  leaveTitle: "Sign out with unsaved changes?",
  leaveWhy:
    "These documents have changes that the server does not have yet. Signing out removes them from this device.",
  leaveAdvice:
    "To keep them, stay signed in, open each while you are connected, and wait until it says “Saved”.",
  leave: "Sign out and discard",
  notCleared:
    "The copies of your documents on this device could not be removed. Clear this site’s data in the browser’s settings.",
  unsavedHeading: "On this device, not yet saved",
  unsavedNote: "Open a document while you are connected, and its changes go to the server.",
  localHeading: "On this device",
  localNote: "The server cannot be reached. These documents can be read and changed all the same.",
  changes: (count: number) => (count === 1 ? "1 unsaved change" : `${count} unsaved changes`),
  opened: "Opened",
  update: "A new version is ready.",
  reload: "Reload",
};
