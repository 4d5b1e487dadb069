/** The reading side of a document's page: its preview and its outline. */
import { numerals } from "../intl";

const number = numerals("en");

export const preview = {
  view: "View",
  write: "Write",
  sideBySide: "Side by side",
  read: "Read",
  label: "Preview",
  divider: "Share of the text beside its preview",
  dividerHint: "Drag to share the width; double-click for halves",
  copyCode: "Copy code",
  codeCopied: "The code is copied.",
  linkToSection: "Copy the link to this section",
  linkCopied: "The link to this section is copied.",
  copyFailed: "The browser did not allow copying. Select the text and copy it yourself.",
  pictureRefused: "Pictures from other sites need an https address.",
  pictureFailed: "This picture could not be loaded.",
  footnotes: "Footnotes",
  backToText: (nth: number) => (nth === 1 ? "Back to the text" : `Back to the text, place ${number(nth)}`),
  preparingPrint: "Preparing the pages…",
  printFailed: "The document could not be prepared for printing. Reload the page when you are connected.",
};

export const outline = {
  title: "Outline",
  show: "Show the outline",
  hide: "Hide the outline",
  empty: "Headings appear here. A heading is a line that starts with # and a space.",
};
