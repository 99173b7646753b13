/**
 * Bounds the retries of many callers together: when most of what is tried fails, trying again only adds to the load. A
 * bucket of `tokens`; every failure takes one out, every success puts `ratio` back, and as long as it is half empty or worse
 * nobody retries. So of any number of callers that fail at once at most `tokens / 2` try again.
 * Source: gRPC proposal A6, retry throttling, whose defaults these are.
 */
export class RetryBudget {
  readonly #most: number;
  readonly #ratio: number;
  #tokens: number;

  constructor(options: { readonly tokens?: number; readonly ratio?: number } = {}) {
    this.#most = options.tokens ?? 10;
    this.#ratio = options.ratio ?? 0.1;
    this.#tokens = this.#most;
  }

  /** Tokens left, 0 to `tokens`. */
  get tokens(): number {
    return this.#tokens;
  }

  succeeded(): void {
    this.#tokens = Math.min(this.#most, this.#tokens + this.#ratio);
  }

  /** Counts the failure and tells whether it may be followed by another try. */
  failed(): boolean {
    this.#tokens = Math.max(0, this.#tokens - 1);
    return this.#tokens >= this.#most / 2;
  }
}
