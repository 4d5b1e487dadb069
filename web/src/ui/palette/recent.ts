/** What was used last of the palette, on this device. */
import { recall, remember } from "../../service";

const KEY = "palette";
/** More than this is no longer quick to find. */
const KEPT = 5;

/** Ids, the last used first. */
export function recentlyUsed(): string[] {
  return (recall(KEY) ?? "").split(" ").filter(Boolean).slice(0, KEPT);
}

export function use(id: string) {
  const others = recentlyUsed().filter((other) => other !== id);
  remember(KEY, [id, ...others].slice(0, KEPT).join(" "));
}
