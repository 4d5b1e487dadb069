/** Simplified Chinese. */
import type { Dictionary } from "./en";
import { common } from "./zh/common";

export const zh: Dictionary = { common };
