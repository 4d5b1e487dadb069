/** Short messages at the foot of the page, read out by screen readers. */
interface Notice {
  id: number;
  text: string;
  tone: "info" | "problem";
}

const SHOWN_MS = 5000;

class Notices {
  list: readonly Notice[] = $state.raw([]);
  private last = 0;

  info(text: string) {
    this.add(text, "info");
  }

  /** The same as `info`, for what may be said with every keystroke: not while it is being said. */
  once(text: string) {
    if (!this.list.some((notice) => notice.text === text)) this.info(text);
  }

  problem(text: string) {
    this.add(text, "problem");
  }

  dismiss(id: number) {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  private add(text: string, tone: Notice["tone"]) {
    const id = ++this.last;
    this.list = [...this.list.slice(-2), { id, text, tone }];
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }
}

export const notices = new Notices();
