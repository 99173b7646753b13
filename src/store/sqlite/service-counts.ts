import type { Service } from '../lane.js';
import type { Engine } from './engine.js';

export interface ServiceCount {
  readonly running: number;
  /** Queued, and scheduled for later. */
  readonly waiting: number;
}

interface QueueRow {
  readonly waiting: number;
  readonly running: number;
  readonly memory_waiting: number;
  readonly memory_running: number;
  readonly code_waiting: number;
  readonly code_running: number;
}

/** Jobs by what they work on: one row, kept by triggers. */
export function prepareServiceCounts({ db }: Engine): () => Readonly<Record<Service, ServiceCount>> {
  const read = db.prepare<[], QueueRow>(
    `SELECT queued + scheduled AS waiting, running, memory_waiting, memory_running, code_waiting, code_running
     FROM queue`,
  );
  return () => {
    const row = read.get() as QueueRow;
    return {
      warehouse: {
        running: row.running - row.memory_running - row.code_running,
        waiting: row.waiting - row.memory_waiting - row.code_waiting,
      },
      memory: { running: row.memory_running, waiting: row.memory_waiting },
      code: { running: row.code_running, waiting: row.code_waiting },
    };
  };
}
