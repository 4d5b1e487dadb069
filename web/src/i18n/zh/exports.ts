import type { Dictionary } from "../en";

export const exports: Dictionary["exports"] = {};
