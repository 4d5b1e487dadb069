import { language, t } from "../../i18n";
import type { ShareLink } from "../../service";
import { relativeTime } from "../format";

/** What there is to know of a link, in one line. */
export function linkState({ password, expires, created }: ShareLink, now: number): string {
  const { createdAt, withPassword, endsAt, endedAt, comma } = t.sharing.link;
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const ending = expires !== null && expires <= now ? endedAt : endsAt;
  return [
    created === null ? "" : createdAt(relativeTime(created, now)),
    password ? withPassword : "",
    expires === null ? "" : ending(day.format(expires)),
  ]
    .filter(Boolean)
    .join(comma);
}
