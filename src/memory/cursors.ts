import { createHash } from 'node:crypto';
import { SnowError } from '../errors/snow-error.js';
import type { ListPlace } from '../store/memory-store.js';

/** Hits that can be paged through; who needs more asks more precisely. */
const DEEPEST = 1_000;

/** Names the question, so that a cursor of another one is refused. */
export function questionDigest(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12);
}

/** A place in what a search found. */
export function searchCursor(offset: number, digest: string): string {
  return encoded({ o: offset, q: digest });
}

export function offsetOf(cursor: string | undefined, digest: string): number {
  if (cursor === undefined) return 0;
  const { o, q } = decoded(cursor);
  if (typeof o !== 'number' || !Number.isInteger(o) || o < 0 || o > DEEPEST || q !== digest) throw noCursor();
  return o;
}

/** Whether there is a next page for a search whose next hit has this place. */
export function reaches(offset: number): boolean {
  return offset <= DEEPEST;
}

export function listCursor({ createdAt, id }: ListPlace): string {
  return encoded({ t: createdAt, i: id });
}

export function listPlace(cursor: string | undefined): ListPlace | undefined {
  if (cursor === undefined) return undefined;
  const { t, i } = decoded(cursor);
  if (typeof t !== 'number' || !Number.isSafeInteger(t) || typeof i !== 'string') throw noCursor();
  return { createdAt: t, id: i };
}

function encoded(value: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(cursor: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    throw noCursor();
  }
  throw noCursor();
}

function noCursor(): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'The cursor is not one that this question gave.',
    hint: 'Use next_cursor of the page before, with the same arguments; or none for the first page.',
  });
}
