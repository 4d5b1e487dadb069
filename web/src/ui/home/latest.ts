/** Of questions that are asked one after the other only the last is wanted: the answers to those before are dropped, whenever they come. */
export class Latest {
  private asking: AbortController | null = null;

  /**
   * Asks, and gives up on what was asked before.
   *
   * @returns the answer; null when something else was asked meanwhile. What a question that is no longer wanted fails with is dropped too.
   */
  async ask<Answer>(question: (signal: AbortSignal) => Promise<Answer>): Promise<{ answer: Answer } | null> {
    this.drop();
    const mine = new AbortController();
    this.asking = mine;
    try {
      const answer = await question(mine.signal);
      return this.asking === mine ? { answer } : null;
    } catch (error) {
      if (this.asking === mine) throw error;
      return null;
    }
  }

  /** Nothing that was asked is wanted any more. */
  drop() {
    this.asking?.abort();
    this.asking = null;
  }
}
