import type { SearchPlace, SearchRun } from './search.js';

const MOST_RUNS = 32;
const LONGEST_MS = 60_000;

/**
 * Searches that wait for the call which goes on with them. One that is not kept (there are many, or its statement was cancelled a while ago) begins again at
 * the row where its attempt began: that takes longer and finds the same. Those that are kept come to their end and make room.
 */
export class SuspendedRuns {
  /** The place of a search that has not begun. */
  static readonly START = '0,1,0';

  readonly #now: () => number;
  readonly #runs = new Map<string, { readonly run: SearchRun; readonly since: number }>();
  #asked = 0;
  #forgetting: NodeJS.Timeout | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Answers the place to give to `take`. */
  keep(run: SearchRun): string {
    this.#asked += 1;
    const place = `${run.place.row},${run.place.number},${this.#asked}`;
    this.#forget();
    if (this.#runs.size < MOST_RUNS) this.#runs.set(place, { run, since: this.#now() });
    this.#forgetting ??= setTimeout(() => {
      this.#forgetting = undefined;
      this.#forget();
    }, LONGEST_MS + 1).unref();
    return place;
  }

  /** The search at a place, which is no longer kept; undefined when there is none. */
  take(place: string): SearchRun | undefined {
    const kept = this.#runs.get(place);
    this.#runs.delete(place);
    return kept?.run;
  }

  #forget(): void {
    const now = this.#now();
    for (const [place, { since }] of this.#runs) {
      if (now - since <= LONGEST_MS) return;
      this.#runs.delete(place);
    }
  }

  static placeOf(place: string): SearchPlace | undefined {
    const [row, number] = place.split(',').map(Number);
    return place === '' || row === undefined || number === undefined ? undefined : { row, number };
  }
}
