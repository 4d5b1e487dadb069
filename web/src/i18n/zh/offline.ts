import type { Dictionary } from "../en";

export const offline: Dictionary["offline"] = {};
