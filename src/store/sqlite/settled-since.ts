import type { Engine } from './engine.js';

/** Ids of the jobs that ended after a sequence, in commit order: writers are serialised, so a number is never filled in later. */
export function prepareSettledSince({
  db,
}: Engine): (
  sequence: number | 'latest',
  limit: number,
) => { readonly ids: readonly string[]; readonly sequence: number } {
  const since = db.prepare<[number, number], { id: string; settled: number }>(
    'SELECT id, settled FROM jobs INDEXED BY jobs_settled WHERE settled > ? ORDER BY settled LIMIT ?',
  );
  const current = db.prepare<[], number>('SELECT settled FROM queue').pluck();
  return (sequence, limit) => {
    if (sequence === 'latest') return { ids: [], sequence: Number(current.get()) };
    const rows = since.all(sequence, limit);
    return { ids: rows.map((row) => row.id), sequence: rows.at(-1)?.settled ?? sequence };
  };
}
