import { busyPauseMs, LOCK_PATIENCE_MS } from './busy-retry.js';
import type { Database } from './connection.js';
import { closedFailure, isBusy, storeFailure } from './failure.js';

interface Operation {
  readonly run: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (failure: unknown) => void;
}

/** An operation whose changes are in the open transaction. */
interface Applied {
  readonly operation: Operation;
  readonly value: unknown;
}

export interface GroupCommitOptions {
  readonly path: string;
  /** A batch takes no further operation after this many ms (10), or after as many as it had to wait; the rest goes into the next. */
  readonly batchMs?: number;
  /** How long another process may hold the lock before what waits for it is refused, in ms (30,000). */
  readonly lockPatienceMs?: number;
  /** After a commit that changed something; the ms returned are waited before the next batch. */
  readonly onCommit: () => number;
  /** Asked before each batch: what throws here refuses all of it. */
  readonly guard?: { checkFiles(): void; checkSchema(): void };
}

/** Short enough that a loop blocked for a batch, its commit and a checkpoint still answers at once. */
const BATCH_MS = 10;

/**
 * Most ms of a batch that had to wait. There is one batch in a turn of the event loop: where turns are long, or the lock is
 * hard to get, short batches would fall behind what is asked for, up to leases that are renewed too late.
 */
const LONGEST_BATCH_MS = 50;

/** Long enough for a process that waits for the lock to get it (its pauses start at half a millisecond). */
const COURTESY_MS = 1;

/**
 * Writes of one turn of the event loop in one transaction: the cost of the commit is shared, and each promise resolves
 * after it. An operation that throws takes back only what it did: the batch is then rolled back and done again with a
 * savepoint around each operation. (Hardly any throws, and a savepoint costs as much as a small statement.)
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #options: GroupCommitOptions;
  readonly #statements: Record<'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'undo', () => unknown>;
  readonly #totalChanges: () => unknown;
  #waiting: Operation[] = [];
  #armed = false;
  /** Since when the next batch could have begun, had the loop and the lock been free. */
  #waitingSince = 0;
  #tries = 0;
  #lockedSince: number | undefined;
  /** The next batch has savepoints, as something in the last one threw. */
  #guarded = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(db: Database, options: GroupCommitOptions) {
    this.#db = db;
    this.#options = options;
    const statement = (sql: string) => {
      const prepared = db.prepare(sql);
      return () => prepared.run();
    };
    this.#statements = {
      begin: statement('BEGIN IMMEDIATE'),
      commit: statement('COMMIT'),
      rollback: statement('ROLLBACK'),
      savepoint: statement('SAVEPOINT operation'),
      release: statement('RELEASE operation'),
      undo: statement('ROLLBACK TO operation'),
    };
    const changes = db.prepare('SELECT total_changes()').pluck();
    this.#totalChanges = () => changes.get();
  }

  /** True while operations wait for their batch. */
  get pending(): boolean {
    return this.#waiting.length > 0;
  }

  /** `work` must be synchronous and touch nothing but the database: it may be rolled back and run again. */
  run<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(closedFailure());
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run: work, resolve: resolve as (value: never) => void, reject });
      if (this.#armed) return;
      this.#waitingSince = performance.now();
      this.#arm(0);
    });
  }

  /** Resolves once everything asked for so far has its answer; nothing more is taken. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#armed) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #arm(inMs: number): void {
    this.#armed = true;
    if (inMs > 0) setTimeout(this.#flush, inMs);
    else setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    const pauseMs = this.#batch();
    if (this.#waiting.length > 0) {
      this.#arm(pauseMs);
      return;
    }
    this.#armed = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  };

  /** One transaction; answers the ms to pause before the next. */
  #batch(): number {
    const { guard } = this.#options;
    try {
      guard?.checkFiles();
      this.#statements.begin();
    } catch (failure) {
      this.#lockedSince ??= performance.now();
      const patienceMs = this.#options.lockPatienceMs ?? LOCK_PATIENCE_MS;
      if (isBusy(failure) && performance.now() - this.#lockedSince < patienceMs) {
        this.#tries += 1;
        return busyPauseMs(this.#tries);
      }
      return this.#refuseAll(failure);
    }
    this.#tries = 0;
    this.#lockedSince = undefined;
    try {
      guard?.checkSchema();
    } catch (failure) {
      this.#statements.rollback();
      return this.#refuseAll(failure);
    }

    const guarded = this.#guarded;
    this.#guarded = false;
    const before = this.#totalChanges();
    const began = performance.now();
    const waitedMs = Math.min(LONGEST_BATCH_MS, began - this.#waitingSince);
    const until = began + Math.max(this.#options.batchMs ?? BATCH_MS, waitedMs);
    const applied: Applied[] = [];
    let taken = 0;
    try {
      for (const operation of this.#waiting) {
        taken += 1;
        if (guarded) this.#applyGuarded(operation, applied);
        else applied.push({ operation, value: this.#checked(operation) });
        if (performance.now() >= until) break;
      }
      this.#statements.commit();
    } catch (failure) {
      if (this.#db.inTransaction) this.#statements.rollback();
      if (guarded) this.#giveUp(this.#waiting.splice(0, taken), failure);
      else this.#guarded = true;
      return guarded ? COURTESY_MS : 0;
    }
    this.#waiting = this.#waiting.slice(taken);
    this.#waitingSince = performance.now();
    const changed = this.#totalChanges() !== before;
    for (const { operation, value } of applied) operation.resolve(value as never);
    const wantedMs = changed ? this.#options.onCommit() : 0;
    return Math.max(wantedMs, this.#waiting.length > 0 ? COURTESY_MS : 0);
  }

  #checked(operation: Operation): unknown {
    const value = operation.run();
    // What follows a transaction that SQLite gave up would be committed statement by statement.
    if (!this.#db.inTransaction) throw new Error('SQLite has rolled the transaction back');
    return value;
  }

  /**
   * Takes back and rejects an operation that throws. Throws itself when SQLite has rolled back the whole transaction (as for
   * a full disk), and with it everything that was applied before.
   */
  #applyGuarded(operation: Operation, applied: Applied[]): void {
    this.#statements.savepoint();
    try {
      const value = operation.run();
      this.#statements.release();
      applied.push({ operation, value });
    } catch (failure) {
      if (!this.#db.inTransaction) throw failure;
      this.#statements.undo();
      this.#statements.release();
      operation.reject(storeFailure(failure, this.#options.path));
    }
  }

  #refuseAll(failure: unknown): 0 {
    this.#giveUp(this.#waiting.splice(0), failure);
    return 0;
  }

  #giveUp(operations: readonly Operation[], failure: unknown): void {
    this.#lockedSince = undefined;
    this.#tries = 0;
    const told = storeFailure(failure, this.#options.path);
    for (const operation of operations) operation.reject(told);
  }
}
