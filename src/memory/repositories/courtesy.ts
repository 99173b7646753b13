import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Work without a pause, and the pause after it while others want the processors, in ms: a sync then takes half of one. */
const WORK_MS = 10;
const PAUSE_MS = 10;

/** How often it is looked who uses the processors, in ms. */
const LOOK_EVERY_MS = 100;

/** Cores that have to be left over beside one that works at full speed. */
const LEFT_OVER = 0.75;

/** What others may use in any case before they are made way for, in cores: where there is only one, it is shared. */
const NEVER_MIND = 0.25;

export interface Processors {
  readonly count: number;
  /** Time in ms that they were idle, all together, since some moment. */
  readonly idleMs: number;
  /** Time in ms that this thread had one of them, since some moment; absent where that is not known. */
  readonly ownMs?: number;
}

function processors(): Processors {
  const all = cpus();
  const idleMs = all.reduce((sum, { times }) => sum + times.idle, 0);
  const ownMs = threadMs();
  return { count: all.length, idleMs, ...(ownMs !== undefined && { ownMs }) };
}

/** Linux tells nanoseconds on a processor as the first number. */
function threadMs(): number | undefined {
  try {
    return Number.parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1_000_000;
  } catch {
    return undefined;
  }
}

/**
 * When a background thread is to pause: while others use so much of the processors that working at full speed would leave
 * next to nothing. Its low priority alone is not heard where processes are scheduled in groups.
 */
export class Courtesy {
  readonly #read: () => Processors;
  readonly #now: () => number;
  #seen: Processors;
  #seenAt: number;
  #workingSince: number;
  #pausedMs = 0;
  #makesWay = false;

  constructor(read: () => Processors = processors, now: () => number = () => performance.now()) {
    this.#read = read;
    this.#now = now;
    this.#seen = read();
    this.#seenAt = now();
    this.#workingSince = this.#seenAt;
  }

  /** Called again and again in between: how long to pause now, in ms; mostly 0. The pause is taken to be made. */
  pauseMs(): number {
    const now = this.#now();
    if (now - this.#seenAt >= LOOK_EVERY_MS) this.#look(now);
    if (now - this.#workingSince < WORK_MS) return 0;
    if (!this.#makesWay) {
      this.#workingSince = now;
      return 0;
    }
    this.#workingSince = now + PAUSE_MS;
    this.#pausedMs += PAUSE_MS;
    return PAUSE_MS;
  }

  #look(now: number): void {
    const seen = this.#read();
    const tookMs = now - this.#seenAt;
    const { ownMs: before } = this.#seen;
    const worked = seen.ownMs === undefined || before === undefined ? tookMs - this.#pausedMs : seen.ownMs - before;
    const own = Math.max(0, worked) / tookMs;
    const idle = (seen.idleMs - this.#seen.idleMs) / tookMs;
    const others = Math.max(0, seen.count - idle - own);
    this.#makesWay = others > Math.max(NEVER_MIND, seen.count - 1 - LEFT_OVER);
    this.#seen = seen;
    this.#seenAt = now;
    this.#pausedMs = 0;
  }
}
