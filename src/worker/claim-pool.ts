import type { ClaimedJob } from '../store/job-store.js';
import { profileNeeded, sharedLane } from '../store/lane.js';

/** Slots that some lanes have for themselves: what fills them keeps nothing of other lanes waiting. */
export interface WorkerPool {
  readonly lanes: readonly string[];
  /** Jobs at once. */
  readonly slots: number;
}

/** Statements and listings at once; of pools that take none of them, everything at once. */
export function slotsOf(pools: readonly WorkerPool[]): number {
  const sum = (some: readonly WorkerPool[]): number => some.reduce((all, { slots }) => all + slots, 0);
  return sum(pools.filter(({ lanes }) => lanes.some((lane) => profileNeeded(lane) !== undefined))) || sum(pools);
}

export interface ClaimPoolOptions extends WorkerPool {
  /** False once the worker takes nothing new. */
  readonly isOpen: () => boolean;
  readonly take: (lanes: readonly string[], slots: number) => Promise<readonly ClaimedJob[]>;
  /** Runs it, and tells the pool when the job needs its slot no longer. */
  readonly run: (claimed: ClaimedJob, pool: ClaimPool) => void;
  readonly onFailure: (failure: unknown) => void;
  /** After a claim that failed, in ms. */
  readonly againMs: number;
}

/** Claims jobs of its lanes while it has slots for them. */
export class ClaimPool {
  readonly lanes: readonly string[];
  readonly slots: number;
  readonly #options: ClaimPoolOptions;
  /** Lanes of workers that are gone: what waits there for a pinned session is told that it is lost. */
  #stranded: readonly string[] = [];
  #running = 0;
  #claiming: Promise<void> | undefined;
  #claimAgain = false;

  constructor(options: ClaimPoolOptions) {
    this.#options = options;
    this.lanes = options.lanes;
    this.slots = options.slots;
  }

  get running(): number {
    return this.#running;
  }

  /** The claim that is under way. */
  get claiming(): Promise<void> | undefined {
    return this.#claiming;
  }

  /** Called in the same turn as a settle it shares the settle's transaction: one commit for both. */
  claim(): void {
    if (this.#claiming !== undefined) {
      this.#claimAgain = true;
      return;
    }
    const free = this.slots - this.#running;
    if (!this.#options.isOpen() || free <= 0) return;
    this.#claiming = this.#claimUpTo(free);
  }

  /** One of its jobs needs its slot no longer. */
  ended(): void {
    this.#running -= 1;
  }

  /** Of these lanes of workers that are gone, it serves those that go with its own from now on. */
  adopt(stranded: readonly string[]): void {
    this.#stranded = stranded.filter((lane) => this.lanes.includes(sharedLane(lane)));
    if (this.#stranded.length > 0) this.claim();
  }

  async #claimUpTo(slots: number): Promise<void> {
    const { take, run, onFailure, againMs } = this.#options;
    this.#claimAgain = false;
    try {
      const claimed = await take([...this.lanes, ...this.#stranded], slots);
      this.#running += claimed.length;
      for (const job of claimed) run(job, this);
      // Changes seen while the claim was under way may have come after it read.
      this.#claimAgain ||= claimed.length > 0;
    } catch (failure) {
      onFailure(failure);
      setTimeout(() => this.claim(), againMs).unref();
    } finally {
      this.#claiming = undefined;
    }
    if (this.#claimAgain) this.claim();
  }
}
