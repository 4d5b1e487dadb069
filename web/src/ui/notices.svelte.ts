/** Short messages at the foot of the page, read out by screen readers. */
interface Notice {
  id: number;
  text: string;
  tone: "info" | "problem";
  /** What can be done about it. */
  action: Action | null;
}

interface Action {
  label: string;
  run: () => void;
}

const SHOWN_MS = 5000;
/** Whoever can still change their mind has longer. */
const SHOWN_WITH_ACTION_MS = 12_000;

class Notices {
  list: readonly Notice[] = $state.raw([]);
  private last = 0;

  info(text: string, action: Action | null = null) {
    this.add(text, "info", action);
  }

  /** The same as `info`, for what may be said with every keystroke: not while it is being said. */
  once(text: string) {
    if (!this.list.some((notice) => notice.text === text)) this.info(text);
  }

  /** What can be done at any time: it stays until somebody decides. */
  offer(text: string, action: Action) {
    if (!this.list.some((notice) => notice.text === text)) this.add(text, "info", action, null);
  }

  problem(text: string) {
    this.add(text, "problem", null);
  }

  dismiss(id: number) {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  private add(
    text: string,
    tone: Notice["tone"],
    action: Action | null,
    shown_ms: number | null = action ? SHOWN_WITH_ACTION_MS : SHOWN_MS,
  ) {
    const id = ++this.last;
    this.list = [...this.list.slice(-2), { id, text, tone, action }];
    if (shown_ms !== null) setTimeout(() => this.dismiss(id), shown_ms);
  }
}

export const notices = new Notices();
