import type { Engine } from './engine.js';

/** Seconds that count as lately. */
const LATELY_S = 600;

/** Mean execution time in ms of the jobs that ended lately; `undefined` when none has. */
export function prepareRecentExecution(engine: Engine): () => number | undefined {
  const recent = engine.db.prepare<[number], { ran: number | null; ms: number | null }>(
    'SELECT sum(ran) AS ran, sum(execution_ms) AS ms FROM finished WHERE second > ?',
  );
  return () => {
    const row = recent.get(Math.floor(engine.now() / 1_000) - LATELY_S);
    return row?.ran ? (row.ms ?? 0) / row.ran : undefined;
  };
}
