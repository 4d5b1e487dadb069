/** A document's page: its bar, its title, what there is to say about its state. */

import { numerals } from "../intl";
import { outline, preview } from "./reading";

const number = numerals("en");

export const document = {
  outline,
  preview,

  tab: (title: string) => `${title} · Cowrite`,
  skip: "Skip to the text",
  bar: "Document",
  text: "Document text",
  startWriting: "Start writing…",
  leaveText: "To leave the text with the keyboard, press Escape and then Tab.",

  me: "Your name and colour",
  guestNumber: (count: number) => `Guest ${count}`,

  title: "Title",
  rename: "Rename",
  renameLater: "The title can be changed when you are connected again",
  renameFailed: (why: string) => `The title could not be changed. ${why}`,

  share: "Share",
  export: "Export",
  more: "More",

  connection: {
    connecting: "Connecting…",
    connectingWhy: "Looking for the server. You can type; it will be sent.",
    reconnecting: "Reconnecting…",
    connected: "Connected",
    connectedWhy: "Changes go to everybody at once.",
    offline: "Offline",
    offlineWhy: "You can go on typing. Your changes are sent when the connection is back.",
    retrying: "Offline, retrying…",
    retryingShort: "Offline…",
    retryIn: (seconds: number) => `Offline, retry in ${number(seconds)} s`,
    retryInShort: (seconds: number) => `Offline, ${number(seconds)} s`,
    retryNow: "Retry now",
    refused: "Disconnected",
    refusedWhy: "The server ended the connection.",
    /** What a screen reader says when the state has lasted. */
    sayOffline: "Offline. You can go on typing.",
    sayBack: "Connected again.",
    sayBackSaved: "Connected again. Everything is saved.",
    sayRefused: (why: string) => `Disconnected. ${why}`,
  },

  saving: {
    saved: "Saved",
    savedWhy: "Everything you wrote is stored safely on the server.",
    saving: "Saving…",
    savingWhy: "Waiting for the server to store your last changes.",
    unsaved: (count: number) =>
      count === 1 ? "1 change not yet saved" : `${number(count)} changes not yet saved`,
    unsavedShort: (count: number) => `${number(count)} unsaved`,
    unsavedWhy: "Keep this page open: these changes are only here.",
    unconfirmed: "Sent; this server does not confirm saving",
    sayAllSaved: "Everything is saved.",
  },

  reading: {
    trashed: "In the trash",
    trashedWhy: "It can be read until it is deleted for good, and changed once it is restored.",
    comment: "May comment",
    commentWhy: "You may read and comment. The owner can let you change the text.",
    readOnly: "Read only",
    readOnlyWhy: "You may read and copy this document. The owner can let you change it.",
  },

  cannotSave: "Your changes cannot be saved at present.",
  cannotSaveKept: "Keep this page open: what you wrote is still here.",
  full: "This document is full.",
  fullKept: "What you wrote is kept; delete something or",
  fullElsewhere: "continue in a new document",
  fullEnd: ".",
  fullTyped: "This document is full: only deleting works. What was there is unchanged.",
  almostFull: (used: string) => `This document is almost full: ${used}.`,
  spaceUsed: (percent: string, limit: string) => `${percent} of ${limit}`,
  copyWhatYouKeep: "Copy what you want to keep.",
};
