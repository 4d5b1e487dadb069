import type { Dictionary } from "../en";

export const presence: Dictionary["presence"] = {};
