import type { ShareLink } from "../../service";
import { relativeTime } from "../format";

/** What there is to know of a link, in one line. */
export function linkState({ password, expires, created }: ShareLink, now: number): string {
  const ended = expires !== null && expires <= now;
  return [
    created === null ? "" : `Made ${relativeTime(created, now, "en")}`,
    password ? "with a password" : "",
    expires === null ? "" : `${ended ? "ended" : "ends"} ${new Date(expires).toLocaleDateString()}`,
  ]
    .filter(Boolean)
    .join(", ");
}
