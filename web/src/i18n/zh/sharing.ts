import type { Dictionary } from "../en";

export const sharing: Dictionary["sharing"] = {};
