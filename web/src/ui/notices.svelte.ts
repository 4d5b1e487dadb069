/**
 * Short messages at the foot of the page, read out by screen readers. They leave by themselves, but not while somebody looks at them;
 * what is still being done stays until it is done.
 */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: "info" | "problem" | "work" | "offer";
  /** What can be done about it. */
  readonly action: Action | null;
}

export interface Action {
  label: string;
  run: () => void;
}

/** Something that takes its time, as long as it is being done. */
export interface Work {
  /** How far it is. It is shown, and not read out each time. */
  say(text: string): void;
  done(): void;
}

const SHOWN_MS = 5000;
/** Whoever can still change their mind has longer. */
const SHOWN_WITH_ACTION_MS = 12_000;
/** Whoever looked away from the notices is left this long at least. */
const LINGERS_MS = 2000;
/** More than this is not read; the oldest make room. */
const SHOWN_AT_ONCE = 3;

/** These leave only when they are done, or somebody sends them away. */
const STAY: readonly Notice["tone"][] = ["work", "offer"];

class Notices {
  list: readonly Notice[] = $state.raw([]);
  /** What was said last, for those who hear the page. */
  said: Notice | null = $state.raw(null);
  private last = 0;
  private held = false;
  /** When each of them leaves. */
  private readonly ends = new Map<number, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private heldSince = 0;

  info(text: string, action: Action | null = null) {
    this.add(text, "info", action);
  }

  /** The same as `info`, for what may be said with every keystroke: not while it is being said. */
  once(text: string) {
    if (!this.list.some((notice) => notice.text === text)) this.info(text);
  }

  /** What can be done at any time: it stays until somebody decides. */
  offer(text: string, action: Action) {
    if (!this.list.some((notice) => notice.text === text)) this.add(text, "offer", action);
  }

  problem(text: string, action: Action | null = null) {
    this.add(text, "problem", action);
  }

  work(text: string, action: Action | null = null): Work {
    const id = this.add(text, "work", action);
    return {
      say: (text) => {
        this.list = this.list.map((notice) => (notice.id === id ? { ...notice, text } : notice));
      },
      done: () => this.dismiss(id),
    };
  }

  dismiss(id: number) {
    this.ends.delete(id);
    this.list = this.list.filter((notice) => notice.id !== id);
    // The pointer or the focus was on it, and nothing is left to tell that they went.
    if (this.list.length === 0) this.release();
  }

  /** Nothing leaves from now on: somebody looks at the notices. */
  hold() {
    if (this.held) return;
    this.held = true;
    this.heldSince = Date.now();
    clearTimeout(this.timer);
  }

  release() {
    if (!this.held) return;
    this.held = false;
    const [now, held_ms] = [Date.now(), Date.now() - this.heldSince];
    for (const [id, end] of this.ends) this.ends.set(id, Math.max(end + held_ms, now + LINGERS_MS));
    this.schedule();
  }

  private add(text: string, tone: Notice["tone"], action: Action | null): number {
    const notice = { id: ++this.last, text, tone, action };
    const passing = this.list.filter(({ tone }) => !STAY.includes(tone));
    const crowd = this.list.length + 1 - SHOWN_AT_ONCE;
    const leaving = new Set(passing.slice(0, Math.max(0, crowd)).map(({ id }) => id));
    for (const id of leaving) this.ends.delete(id);
    this.list = [...this.list.filter(({ id }) => !leaving.has(id)), notice];
    this.said = notice;
    if (!STAY.includes(tone))
      this.ends.set(notice.id, Date.now() + (action ? SHOWN_WITH_ACTION_MS : SHOWN_MS));
    this.schedule();
    return notice.id;
  }

  /** Waits for the next that leaves. */
  private schedule() {
    clearTimeout(this.timer);
    if (this.held || this.ends.size === 0) return;
    const next = Math.min(...this.ends.values());
    this.timer = setTimeout(() => {
      const now = Date.now();
      for (const [id, end] of [...this.ends]) if (end <= now) this.dismiss(id);
      this.schedule();
    }, next - Date.now());
  }
}

export const notices = new Notices();
