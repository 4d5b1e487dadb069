/** Words that more than one part of the page uses. */
export const common = {
  product: "Cowrite",
  untitled: "Untitled",
  close: "Close",
  cancel: "Cancel",
  dismiss: "Dismiss",
  undo: "Undo",
  tryAgain: "Try again",
  yourDocuments: "Your documents",
  loadFailed: "The page could not be loaded",
  loadFailedWhy: "The connection may have been lost, or the app was just updated.",
  partFailed: "This could not be loaded. Reload the page when you are connected.",
};
