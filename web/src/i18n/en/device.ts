/** What is only on this device: lists of it, and questions before it goes. */
export const device = {
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
  unsavedHeading: "On this device, not yet saved",
  unsavedNote: "Open a document while you are connected, and its changes go to the server.",
  localHeading: "On this device",
  localNote: "The server cannot be reached. These documents can be read and changed all the same.",
  changes: (count: number) => (count === 1 ? "1 unsaved change" : `${count} unsaved changes`),
};
