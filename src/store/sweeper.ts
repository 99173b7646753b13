import type { JobStore } from './job-store.js';

export interface SweeperOptions {
  /** Longest time between two sweeps in ms, when nothing is planned sooner. */
  readonly everyMs: number;
  /** A sweep failed; the next one is tried all the same. */
  readonly onFailure?: (failure: unknown) => void;
}

export interface Sweeper {
  /** Looks again at when the next sweep is due; call it when the store has changed. */
  reschedule(): void;
  stop(): Promise<void>;
}

/** Shortest time between two sweeps in ms; doubled while a sweep leaves behind what was planned for the past. */
const SHORTEST_MS = 20;

/** A burst of changes is looked at once. */
const SETTLING_MS = 10;

/**
 * Does to the jobs what time does (due, expired, leases run out), when it is due. Several processes may run one: the
 * store makes a second sweep at the same moment harmless. Its timers keep no process alive.
 */
export function startSweeper(store: Pick<JobStore, 'sweep' | 'nextWakeAt'>, options: SweeperOptions): Sweeper {
  let timer: NodeJS.Timeout | undefined;
  let sweptAt = performance.now();
  let stopped = false;
  let looking: Promise<void> | undefined;
  let again = false;
  let pauseMs = SHORTEST_MS;
  let burst: NodeJS.Timeout | undefined;

  const arm = (inMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(sweep, inMs).unref();
  };
  const sweep = (): void => {
    sweptAt = performance.now();
    void run(async () => {
      await store.sweep();
      await plan();
    });
  };
  const plan = async (): Promise<void> => {
    const wakeAt = await store.nextWakeAt();
    if (stopped) return;
    const sinceLast = performance.now() - sweptAt;
    const untilPlanned = wakeAt === undefined ? options.everyMs : wakeAt - Date.now();
    pauseMs = untilPlanned > 0 ? SHORTEST_MS : Math.min(pauseMs * 2, options.everyMs);
    arm(Math.max(Math.min(untilPlanned, options.everyMs - sinceLast), pauseMs - sinceLast, 0));
  };
  const run = async (work: () => Promise<void>): Promise<void> => {
    if (stopped) return;
    if (looking !== undefined) {
      again = true;
      return;
    }
    looking = work().catch((failure: unknown) => {
      if (stopped) return;
      options.onFailure?.(failure);
      arm(options.everyMs);
    });
    await looking;
    looking = undefined;
    if (again) {
      again = false;
      await run(plan);
    }
  };

  void run(plan);
  return {
    reschedule: () => {
      burst ??= setTimeout(() => {
        burst = undefined;
        void run(plan);
      }, SETTLING_MS).unref();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(burst);
      await looking;
    },
  };
}
