import type { ColumnEntry } from '../../engine/catalog/entries.js';

/** Identity columns show their sequence in Snowflake's words. */
export function defaultOf(entry: ColumnEntry): string | null {
  if (entry.identity === undefined) return entry.default ?? null;
  const { start, increment, ordered } = entry.identity;
  return `IDENTITY START ${start} INCREMENT ${increment} ${ordered ? 'ORDER' : 'NOORDER'}`;
}
