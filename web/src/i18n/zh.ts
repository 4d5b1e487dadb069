/** Simplified Chinese: what the page of a document needs at once. */
import type { First } from ".";
import { common } from "./zh/common";
import { document } from "./zh/document";
import { editor } from "./zh/editor";
import { offline } from "./zh/offline";
import { settings } from "./zh/settings";

export const first: First = { common, document, editor, offline, settings };
