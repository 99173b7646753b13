import { SnowError } from '../errors/snow-error.js';
import type { Caller, Gateway } from '../gateway/requests.js';
import { jobOfResult } from './result-uri.js';

/** Results that one connection or stream may wait for at a time. */
const MOST = 1_000;

/**
 * Results that a client wants to hear of: each is told once, when it is there because its job has ended. After that a result
 * does not change any more.
 */
export class ResultSubscriptions {
  readonly #updated: (uri: string) => void;
  readonly #jobOf: (uri: string) => string | undefined;
  #closed = false;
  readonly #watched = new Map<string, { stop?: () => void }>();

  /**
   * @param updated is called for each result that has become available
   * @param jobOf the job that an address stands for
   */
  constructor(updated: (uri: string) => void, jobOf = jobOfResult) {
    this.#updated = updated;
    this.#jobOf = jobOf;
  }

  /**
   * Throws `NOT_FOUND` for a job that is not the caller's, and `INVALID_ARGUMENT` for what is no result or is one too many.
   * A job that has ended before is told at once.
   */
  async add(uri: string, gateway: Gateway, caller: Caller): Promise<void> {
    const job = this.#jobOf(uri);
    if (job === undefined) {
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `${JSON.stringify(uri.slice(0, 200))} never changes, or is not there.`,
        hint: 'Results of jobs can be subscribed to: snow://jobs/{id}/result.',
      });
    }
    if (this.#closed || this.#watched.has(uri)) return;
    if (this.#watched.size >= MOST) {
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `${MOST} results are waited for already on this connection.`,
        hint: 'Unsubscribe from some of them, or look with list_jobs.',
      });
    }
    const watch: { stop?: () => void } = {};
    this.#watched.set(uri, watch);
    try {
      const stop = await gateway.watchJob(caller, job, () => {
        if (this.#forget(uri, watch)) this.#updated(uri);
      });
      // Unsubscribed, or told, while the job was looked up.
      if (this.#watched.get(uri) === watch) watch.stop = stop;
      else stop();
    } catch (failure) {
      this.#forget(uri, watch);
      throw failure;
    }
  }

  remove(uri: string): void {
    const watch = this.#watched.get(uri);
    this.#watched.delete(uri);
    watch?.stop?.();
  }

  close(): void {
    this.#closed = true;
    for (const uri of [...this.#watched.keys()]) this.remove(uri);
  }

  #forget(uri: string, watch: object): boolean {
    return this.#watched.get(uri) === watch && this.#watched.delete(uri);
  }
}
