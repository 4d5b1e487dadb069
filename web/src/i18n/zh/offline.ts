import type { Dictionary } from "..";

export const offline: Dictionary["offline"] = {};
