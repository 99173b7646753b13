import { randomUUID } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { isConflict } from './duckdb-errors.js';
import type { Interrupter } from './interrupter.js';
import { LocalError } from './local-error.js';
import { LockOwner, type LockRequest, type TableLocks } from './table-locks.js';
import { recordCommit } from './versions/commit-log.js';

const CONFLICT_RETRIES = 8;

/** Something that changes rows, such that it can be done again. */
export interface WriteStep<T> {
  readonly locks: readonly LockRequest[];
  /** The signal is absent when the step is repeated: a repetition is not the caller's to cancel. */
  run(signal: AbortSignal | undefined): Promise<T>;
  /** Called once its locks are held; throws when the step is out of date by then. */
  assertCurrent(): void;
  /** What has to be the same when the step is repeated: its row counts. */
  fingerprint(outcome: T): string;
  /** Whether it would write the same again: false with RANDOM(), UUID_STRING(), NEXTVAL. */
  readonly repeatable: boolean;
  /** Several DuckDB statements: an error in one leaves those before it done. */
  readonly compound: boolean;
  /** Runs after `run` in the same DuckDB transaction; written with it or not at all. */
  record?(outcome: T): Promise<void>;
}

/** A transaction as SHOW TRANSACTIONS tells it. */
export interface OpenTransaction {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Snowflake's ids are the moment of the beginning, in nanoseconds. */
function openTransaction(name: string | undefined): OpenTransaction {
  const startedAt = Date.now();
  const id = `${BigInt(startedAt) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n)}`;
  return { id, name: name ?? randomUUID(), startedAt };
}

interface DoneStep {
  readonly step: WriteStep<unknown>;
  readonly fingerprint: string;
}

/**
 * A session's transaction. Snowflake lets a transaction go on after a statement failed; DuckDB aborts it. So each step is
 * kept, and after an error the DuckDB transaction is begun anew and the steps are done again; the table locks, held until
 * the end, keep others from changing what they wrote, and the row counts are compared. Where that cannot be had, the
 * transaction is rolled back and every statement up to the client's own ROLLBACK says so.
 *
 * DuckDB's transaction begins with the first write: until then every statement sees what is committed, as in Snowflake.
 */
export class SessionTransaction {
  readonly #connection: DuckDBConnection;
  readonly #interrupter: Interrupter;
  readonly #locks: TableLocks;
  readonly #owner: LockOwner;
  readonly #catalogChanges: () => number;
  #snapshotAt = 0;
  #explicit = false;
  #current: OpenTransaction | undefined;
  #last: string | undefined;
  #begun = false;
  #done: DoneStep[] = [];
  #failed: LocalError | undefined;
  /** A cancelled statement may have left something behind. */
  #dirty = false;
  /** Milliseconds that statements of the session have waited for locks, all together. */
  blockedMs = 0;

  /** `catalogChanges` tells when the catalog has moved on from the transaction's snapshot. */
  constructor(
    connection: DuckDBConnection,
    interrupter: Interrupter,
    locks: TableLocks,
    queryId: () => string,
    catalogChanges: () => number,
  ) {
    this.#catalogChanges = catalogChanges;
    this.#connection = connection;
    this.#interrupter = interrupter;
    this.#locks = locks;
    this.#owner = new LockOwner(queryId);
  }

  /** Whether a transaction was begun and not ended. */
  get open(): boolean {
    return this.#explicit;
  }

  /** Whether it has written anything. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Whether the catalog has changed since DuckDB's transaction took its snapshot. */
  get behind(): boolean {
    return this.#begun && this.#snapshotAt !== this.#catalogChanges();
  }

  /** Begins one unless one is open. */
  begin(name?: string): void {
    this.#explicit = true;
    this.#current ??= openTransaction(name);
  }

  /** The transaction that is open. */
  get current(): OpenTransaction | undefined {
    return this.#current;
  }

  /** Id of the one that ended last. */
  get last(): string | undefined {
    return this.#last;
  }

  async commit(): Promise<void> {
    const failed = this.#failed;
    if (failed !== undefined) {
      await this.rollback();
      throw failed;
    }
    try {
      this.#locks.committing(this.#owner);
      if (this.#begun) {
        await recordCommit(this.#connection, undefined);
        await this.#interrupter.commit();
      }
    } catch (error) {
      await this.#interrupter.rollback();
      throw error;
    } finally {
      this.#end();
    }
  }

  async rollback(): Promise<void> {
    try {
      if (this.#begun) await this.#interrupter.rollback();
    } finally {
      this.#end();
    }
  }

  /** Throws when the transaction was lost to an error that could not be mended. */
  assertUsable(): void {
    if (this.#failed !== undefined) throw this.#failed;
  }

  /**
   * To be called after any error while the transaction is open: brings DuckDB's transaction back to what the steps before
   * left. `dirty` says that the failed statement may have changed something although DuckDB did not abort.
   */
  async mend(dirty = false): Promise<void> {
    await this.#interrupter.shield(async () => await this.#mend(dirty));
  }

  async #mend(dirty: boolean): Promise<void> {
    if (!this.#begun || (!dirty && !this.#dirty && (await this.#alive()))) return;
    this.#dirty = false;
    await this.#interrupter.rollback();
    await this.#beginDuckDb();
    for (const { step, fingerprint } of this.#done) {
      let same = step.repeatable;
      if (same) {
        try {
          const outcome = await step.run(undefined);
          same = step.fingerprint(outcome) === fingerprint;
          if (same) await step.record?.(outcome);
        } catch {
          same = false;
        }
      }
      if (!same) {
        await this.#interrupter.rollback();
        this.#begun = false;
        this.#done = [];
        this.#locks.release(this.#owner);
        this.#failed = new LocalError(
          '090236',
          '25000',
          'The transaction was rolled back: a statement in it failed and its earlier changes could not be repeated exactly. Issue ROLLBACK and begin it again.',
        );
        return;
      }
    }
  }

  /** Takes locks that last until the transaction ends (or until `releaseLocks` outside one). */
  async lock(
    requests: readonly LockRequest[],
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly nameOf: (table: number) => string },
  ): Promise<void> {
    const from = performance.now();
    try {
      await this.#locks.acquire(this.#owner, requests, options);
    } finally {
      this.blockedMs += performance.now() - from;
    }
  }

  releaseLocks(): void {
    if (!this.#explicit) this.#locks.release(this.#owner);
  }

  /** Runs the step in the open transaction, or in one of its own. */
  async write<T>(
    step: WriteStep<T>,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly nameOf: (table: number) => string },
  ): Promise<T> {
    this.assertUsable();
    try {
      await this.lock(step.locks, options);
      step.assertCurrent();
      return this.#explicit
        ? await this.#writeInside(step, options.signal)
        : await this.#writeAlone(step, options.signal);
    } finally {
      this.releaseLocks();
    }
  }

  async #writeInside<T>(step: WriteStep<T>, signal: AbortSignal | undefined): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      if (!this.#begun) {
        await this.#beginDuckDb();
        this.#begun = true;
      }
      let dirty = step.compound;
      try {
        const outcome = await step.run(signal);
        dirty = true;
        await step.record?.(outcome);
        this.#done.push({ step: step as WriteStep<unknown>, fingerprint: step.fingerprint(outcome) });
        return outcome;
      } catch (error) {
        // A cancelled statement is mended by the session, once nothing interrupts DuckDB any more.
        if (signal?.aborted === true) {
          this.#dirty = true;
          throw error;
        }
        await this.mend(dirty);
        if (this.#failed !== undefined) throw error;
        // Committed by another since this transaction's snapshot: mending took a new one.
        if (!isConflict(error) || attempt >= CONFLICT_RETRIES) throw error;
      }
    }
  }

  async #writeAlone<T>(step: WriteStep<T>, signal: AbortSignal | undefined): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        const begunAt = performance.now();
        await this.#connection.run('BEGIN TRANSACTION');
        const outcome = await step.run(signal);
        await step.record?.(outcome);
        if (signal?.aborted === true) throw signal.reason;
        this.#locks.committing(this.#owner);
        await recordCommit(this.#connection, begunAt);
        await this.#interrupter.commit();
        return outcome;
      } catch (error) {
        await this.#interrupter.rollback();
        if (!isConflict(error) || attempt >= CONFLICT_RETRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt));
      }
    }
  }

  async #beginDuckDb(): Promise<void> {
    await this.#connection.run('BEGIN TRANSACTION');
    this.#snapshotAt = this.#catalogChanges();
  }

  async #alive(): Promise<boolean> {
    try {
      await this.#connection.run('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  #end(): void {
    this.#last = this.#current?.id ?? this.#last;
    this.#current = undefined;
    this.#explicit = false;
    this.#begun = false;
    this.#done = [];
    this.#failed = undefined;
    this.#dirty = false;
    this.#locks.release(this.#owner);
  }
}
