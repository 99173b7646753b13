import { SnowError } from '../errors/snow-error.js';
import type { JobRecord, Json } from '../store/job.js';
import type { JobStore } from '../store/job-store.js';
import { decodeCursor, encodeCursor, foreignCursor, type ResultPlace } from './result-cursor.js';

export interface ResultSlice {
  readonly rows: readonly (readonly Json[])[];
  readonly nextCursor?: string;
}

/**
 * Rows of a job's stored result from a cursor on, up to `maxRows` rows or `maxBytes` of JSON (one row at least). Throws
 * `INVALID_ARGUMENT` for a cursor of another result and `NOT_FOUND` when the rows have been deleted after their time.
 */
export async function readResult(
  store: Pick<JobStore, 'readPage'>,
  job: JobRecord,
  request: { readonly cursor?: string | undefined; readonly maxRows: number; readonly maxBytes: number },
): Promise<ResultSlice> {
  const pageCount = job.result?.pageCount ?? 0;
  let place: ResultPlace = { job: job.id, page: 0, row: 0 };
  if (request.cursor !== undefined) {
    place = decodeCursor(request.cursor);
    if (place.job !== job.id || place.page >= pageCount) throw foreignCursor();
  }
  const rows: (readonly Json[])[] = [];
  let bytes = 0;
  while (place.page < pageCount) {
    const page = job.resultExpired ? undefined : await store.readPage(job.id, place.page);
    if (page === undefined) throw expired(job.id);
    let { row } = place;
    for (; row < page.length && rows.length < request.maxRows; row += 1) {
      const cells = page[row] as readonly Json[];
      bytes += JSON.stringify(cells).length;
      if (bytes > request.maxBytes && rows.length > 0) break;
      rows.push(cells);
    }
    if (row < page.length) return { rows, nextCursor: encodeCursor({ ...place, row }) };
    place = { job: job.id, page: place.page + 1, row: 0 };
    if (place.page < pageCount && (rows.length >= request.maxRows || bytes >= request.maxBytes))
      return { rows, nextCursor: encodeCursor(place) };
  }
  return { rows };
}

function expired(id: string): SnowError {
  return new SnowError({
    code: 'NOT_FOUND',
    message: `The rows of job ${id} have been deleted: results are kept for a limited time only.`,
    hint: 'Run the statement again.',
  });
}
