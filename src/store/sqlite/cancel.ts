import { FINAL_STATES, type JobState } from '../job.js';
import type { CancelOutcome } from '../job-store.js';
import type { Engine } from './engine.js';
import { type EndingRow, prepareFinish } from './finish.js';

export interface CancellableRow extends EndingRow {
  readonly state: JobState;
  readonly write: number;
  readonly dispatch_open: number;
  readonly cancel_requested: string | null;
}

export const CANCELLABLE_COLUMNS = 'seq, attempts, result_ttl_ms, state, write, dispatch_open, cancel_requested';

/**
 * Ends a job that waits, asks the worker of one that runs. A write that was sent and waits for somebody to find out what
 * became of it is only asked for, too: calling it cancelled would be a guess.
 */
export function prepareCancelRow(engine: Engine): (row: CancellableRow, reason: string) => 'cancelled' | 'requested' {
  const finish = prepareFinish(engine);
  const ask = engine.db.prepare('UPDATE jobs SET cancel_requested = coalesce(cancel_requested, ?) WHERE seq = ?');
  return (row, reason) => {
    if (row.state === 'running' || (row.write === 1 && row.dispatch_open === 1)) {
      ask.run(reason, row.seq);
      return 'requested';
    }
    finish(row, { state: 'cancelled', error: { code: 'CANCELLED', message: reason } });
    return 'cancelled';
  };
}

export function prepareCancel(engine: Engine): (id: string, reason: string) => CancelOutcome {
  const cancelRow = prepareCancelRow(engine);
  const find = engine.db.prepare<[string], CancellableRow>(`SELECT ${CANCELLABLE_COLUMNS} FROM jobs WHERE id = ?`);
  return (id, reason) => {
    const row = find.get(id);
    if (row === undefined) return { outcome: 'not-found' };
    if (FINAL_STATES.has(row.state)) return { outcome: 'already-final', state: row.state };
    return { outcome: cancelRow(row, reason) };
  };
}
