import type { Dictionary } from "../en";

export const document: Dictionary["document"] = {};
