/** English, which is also what a dictionary is: every other has the same words (a missing one is an error of types). */
import { common } from "./en/common";

export const en = { common };

export type Dictionary = typeof en;
