import type { Database } from './connection.js';
import { isBusy } from './failure.js';

/** Pages of 4 KiB in the WAL that are copied back at once (4 MiB): few enough to take some ms. */
const COPY_AT_PAGES = 1_000;

/** From here on (32 MiB) the writers' lock is taken to start the WAL anew. */
const RESTART_AT_PAGES = 8_000;

/** From here on (128 MiB) writers pause between batches: somebody reads for a long time, and the WAL only grows. */
const THROTTLE_AT_PAGES = 32_000;
const THROTTLE_MS = 25;

/** Least ms between two looks at the WAL. */
const LOOK_EVERY_MS = 50;

interface CheckpointRow {
  readonly busy: number;
  /** Pages in the WAL; -1 when it cannot be told. */
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Copies the WAL back into the database, explicitly, so that no unlucky COMMIT does it in the middle of a batch. A passive
 * checkpoint alone does not bound the WAL when several processes write without a pause: none of them ever finds it copied
 * whole, so none starts it anew; above `RESTART_AT_PAGES` the writers' lock is taken for it.
 */
export class Checkpointer {
  readonly #db: Database;
  #lookedAt = performance.now();
  #toForget = false;

  constructor(db: Database) {
    this.#db = db;
  }

  /** To be called after a commit that wrote; answers the ms writers should pause. */
  afterCommit(): number {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return 0;
    this.#lookedAt = now;
    if (this.#toForget) this.forget();
    const wal = this.#run('NOOP');
    if (wal === undefined) return 0;
    if (wal.log - wal.checkpointed >= COPY_AT_PAGES) this.#run('PASSIVE');
    if (wal.log < RESTART_AT_PAGES) return 0;
    const restarted = this.#run('RESTART')?.busy === 0;
    return !restarted && wal.log >= THROTTLE_AT_PAGES ? THROTTLE_MS : 0;
  }

  /**
   * Cuts the WAL, which may still hold what has been deleted; where somebody reads at this moment, after one of the next
   * commits.
   */
  forget(): void {
    this.#toForget = this.#run('TRUNCATE')?.busy !== 0;
  }

  /** `undefined` when another connection is at it. */
  #run(mode: 'NOOP' | 'PASSIVE' | 'RESTART' | 'TRUNCATE'): CheckpointRow | undefined {
    try {
      return (this.#db.pragma(`wal_checkpoint(${mode})`) as CheckpointRow[])[0];
    } catch (failure) {
      // What fails here (a full disk) fails the next commit too, which has somebody to tell.
      if (!isBusy(failure)) this.#lookedAt += LOOK_EVERY_MS;
      return undefined;
    }
  }
}
