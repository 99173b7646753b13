import type { SearchPlace, SearchRun } from './search.js';

const MOST_RUNS = 16;
const LONGEST_MS = 60_000;

/**
 * Searches that wait for the call which goes on with them. One that has been forgotten (its statement was cancelled, or there are many of them) begins
 * again at the row where its attempt began: that takes longer and finds the same.
 */
export class SuspendedRuns {
  /** The place of a search that has not begun. */
  static readonly START = '0,1,0';

  readonly #runs = new Map<string, SearchRun>();
  #kept = 0;
  #forgetting: NodeJS.Timeout | undefined;

  /** Answers the place to give to `take`. */
  keep(run: SearchRun): string {
    const [oldest] = this.#runs.keys();
    if (this.#runs.size >= MOST_RUNS && oldest !== undefined) this.#runs.delete(oldest);
    this.#kept += 1;
    const place = `${run.place.row},${run.place.number},${this.#kept}`;
    this.#runs.set(place, run);
    clearTimeout(this.#forgetting);
    this.#forgetting = setTimeout(() => this.#runs.clear(), LONGEST_MS);
    this.#forgetting.unref();
    return place;
  }

  /** The search at a place, which is no longer kept; undefined when there is none. */
  take(place: string): SearchRun | undefined {
    const run = this.#runs.get(place);
    this.#runs.delete(place);
    return run;
  }

  static placeOf(place: string): SearchPlace | undefined {
    const [row, number] = place.split(',').map(Number);
    return place === '' || row === undefined || number === undefined ? undefined : { row, number };
  }
}
