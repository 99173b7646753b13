import { setImmediate as nextTurn } from 'node:timers/promises';

/** A turn of the event loop takes no further read after this many ms. */
const TURN_MS = 5;

/**
 * Lets reads wait for the next turn of the event loop once they, and what their askers do with the answers, have taken
 * their share of this one: fifty requests that arrive together, or get their answers from one commit, would else be one block.
 */
export class ReadTurns {
  #startedAt: number | undefined;

  async begin(): Promise<void> {
    while (this.#startedAt !== undefined && performance.now() - this.#startedAt >= TURN_MS) await nextTurn();
    if (this.#startedAt !== undefined) return;
    this.#startedAt = performance.now();
    setImmediate(() => {
      this.#startedAt = undefined;
    });
  }
}
