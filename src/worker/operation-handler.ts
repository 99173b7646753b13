import type { OperationArguments, OperationFamily } from '../memory/operation-payload.js';
import { familyOf } from '../memory/operation-payload.js';
import type { JobProgress, JobRecord, Json } from '../store/job.js';
import type { JobHold } from '../store/job-store.js';

/** What an operation may know and say while it runs. */
export interface OperationContext {
  readonly job: JobRecord;
  /** Names this attempt: what is written in its name can be made conditional on it. */
  readonly hold: JobHold;
  /** Aborted when the job is cancelled, its lease is lost, its time is up, or the worker has to end. */
  readonly signal: AbortSignal;
  /** Kept and sent with the next heartbeat. */
  progress(progress: JobProgress): void;
}

/** Does the operations of one family. */
export interface OperationHandler {
  /**
   * Resolves to the answer. Throws a `SnowError` that the job fails with, or `SetBack`. It may be run again after its worker
   * died, also when it had done its work by then: it must be safe to repeat.
   */
  run(name: string, given: OperationArguments, context: OperationContext): Promise<Json>;
  close?(): Promise<void>;
}

/** Thrown by an operation that cannot go on now and holds no slot meanwhile: it is begun anew then. No attempt is counted. */
export class SetBack extends Error {
  /** Ms since the epoch. */
  readonly runAt: number;

  constructor(runAt: number) {
    super('the operation is set back');
    this.runAt = runAt;
  }
}

/** The handlers of this process, each loaded when its first operation comes. */
export class OperationHandlers {
  readonly #load: Readonly<Partial<Record<OperationFamily, () => Promise<OperationHandler>>>>;
  readonly #loaded = new Map<OperationFamily, Promise<OperationHandler>>();

  constructor(load: Readonly<Partial<Record<OperationFamily, () => Promise<OperationHandler>>>>) {
    this.#load = load;
  }

  /** Throws `INVALID_ARGUMENT` for an operation that this program does not know. */
  async of(name: string): Promise<OperationHandler> {
    const family = familyOf(name);
    const loading = this.#loaded.get(family) ?? this.#load[family]?.();
    if (loading === undefined) throw new Error(`this worker has no handler for ${family} operations`);
    this.#loaded.set(family, loading);
    try {
      return await loading;
    } catch (failure) {
      this.#loaded.delete(family);
      throw failure;
    }
  }

  async close(): Promise<void> {
    const loaded = await Promise.allSettled(this.#loaded.values());
    await Promise.all(loaded.map((handler) => (handler.status === 'fulfilled' ? handler.value.close?.() : undefined)));
  }
}
