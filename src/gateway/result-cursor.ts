import { SnowError } from '../errors/snow-error.js';

/** A place in a stored result. Results do not change, so a cursor never skips or repeats a row. */
export interface ResultPlace {
  readonly job: string;
  /** Stored page, from 0. */
  readonly page: number;
  /** Row inside it, from 0. */
  readonly row: number;
}

export function encodeCursor(place: ResultPlace): string {
  return Buffer.from(`${place.job}/${place.page}/${place.row}`).toString('base64url');
}

/** Throws `INVALID_ARGUMENT` for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): ResultPlace {
  const match = /^(.+)\/(\d{1,9})\/(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString());
  const [, job, page, row] = match ?? [];
  if (job === undefined || page === undefined || row === undefined) throw foreignCursor();
  return { job, page: Number(page), row: Number(row) };
}

export function foreignCursor(): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'The cursor does not belong to this result.',
    hint: 'Give the next_cursor of the page before, unchanged, or leave it out to begin at the first row.',
  });
}
