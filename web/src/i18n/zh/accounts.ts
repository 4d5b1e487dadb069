import type { Dictionary } from "../en";

export const accounts: Dictionary["accounts"] = {};
