/** The copy on this device, and the app without a network: what an open document says of them. */
export const offline = {
  kept: "Saved on this device",
  keptShort: "On this device",
  keptWhy:
    "The server does not have your last changes yet. They are kept here, also when you close the page, and go there once it can be reached.",
  noCopy: "This browser keeps no copy. You can go on typing; keep this page open until it says “Saved”.",
  notCleared:
    "The copies of your documents on this device could not be removed. Clear this site’s data in the browser’s settings.",
  update: "A new version is ready.",
  reload: "Reload",
};
