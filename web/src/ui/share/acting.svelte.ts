/** One thing after another that the server is asked to do, and what came of the last. */
import { failureOf } from "../account/attempt";

export class Acting {
  busy = $state(false);
  problem: string | null = $state(null);
  readonly #onchanged: () => Promise<void>;

  /** `onchanged` reads again what was changed. */
  constructor(onchanged: () => Promise<void>) {
    this.#onchanged = onchanged;
  }

  async act(what: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await what();
      await this.#onchanged();
    } catch (error) {
      this.problem = failureOf(error);
    }
    this.busy = false;
  }
}
