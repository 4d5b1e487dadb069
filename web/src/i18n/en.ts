/** English: what the page of a document needs at once. Every other language has the same words; a missing one is an error of types. */
import { common } from "./en/common";
import { document } from "./en/document";
import { editor } from "./en/editor";
import { offline } from "./en/offline";
import { settings } from "./en/settings";

export const first = { common, document, editor, offline, settings };
