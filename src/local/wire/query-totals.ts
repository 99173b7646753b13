/** Upper bounds of the buckets, in seconds. */
const BOUNDS_S = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300];

/** What has ended since the process began. */
export class QueryTotals {
  succeeded = 0;
  failed = 0;
  /** Seconds of all together. */
  seconds = 0;
  readonly #counts = BOUNDS_S.map(() => 0);

  add(ms: number, success: boolean): void {
    if (success) this.succeeded += 1;
    else this.failed += 1;
    const seconds = ms / 1000;
    this.seconds += seconds;
    const bucket = BOUNDS_S.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** How many took at most that long, as Prometheus counts: each bucket holds those before it. */
  buckets(): { readonly seconds: number; readonly count: number }[] {
    let count = 0;
    return BOUNDS_S.map((seconds, i) => {
      count += this.#counts[i] ?? 0;
      return { seconds, count };
    });
  }
}
