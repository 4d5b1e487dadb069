import type { Dictionary } from "../en";

export const pages: Dictionary["pages"] = {};
