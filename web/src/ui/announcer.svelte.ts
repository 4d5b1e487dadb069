/** What a screen reader says and nobody sees. `Announcer.svelte` is the one place that it is read from. */

import { untrack } from "svelte";

/** It is read within a moment; what stays longer is only in the way of whoever walks through the page. */
const STAYS_MS = 5000;

interface Announcement {
  id: number;
  text: string;
}

class Announcer {
  list: readonly Announcement[] = $state.raw([]);
  private last = 0;

  say(text: string) {
    const id = ++this.last;
    // An effect that says something is not to run again for having said it.
    this.list = [...untrack(() => this.list), { id, text }];
    setTimeout(() => (this.list = this.list.filter((other) => other.id !== id)), STAYS_MS);
  }
}

export const announcer = new Announcer();

/** Has a screen reader say `text` when it has said what it is saying. */
export function announce(text: string) {
  announcer.say(text);
}
