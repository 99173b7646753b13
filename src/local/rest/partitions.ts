import { buffer } from 'node:stream/consumers';
import type { QueryResult } from '../wire/query.js';
import type { ResultStore } from '../wire/result-store.js';

export interface PartitionSize {
  readonly rowCount: number;
  readonly uncompressedSize: number;
}

const COMMA = Buffer.from(',');

/** How a result is divided: what fits into the first answer, if anything does, then one part for each chunk. */
export function partitionsOf({ rows }: QueryResult): PartitionSize[] {
  const parts = rows.chunks.map(({ rows: rowCount, bytes }) => ({ rowCount, uncompressedSize: bytes + 2 }));
  if (!firstIsInline(rows)) return parts;
  return [{ rowCount: inlineRows(rows), uncompressedSize: rows.size.inlineBytes + 2 }, ...parts];
}

/** The rows of a partition: JSON arrays of `string | null` in the wire's form, joined by commas. Undefined when there is no such part. */
export async function partitionRows(
  store: ResultStore,
  { rows }: QueryResult,
  index: number,
): Promise<readonly Buffer[] | undefined> {
  const inline = firstIsInline(rows);
  if (inline && index === 0) return rows.inline;
  const found = store.read(rows.secret, inline ? index - 1 : index);
  return found === undefined ? undefined : [await buffer(found.rows)];
}

/** A first part without rows would say to many a client that there are none. */
function firstIsInline(rows: QueryResult['rows']): boolean {
  return rows.chunks.length === 0 || inlineRows(rows) > 0;
}

function inlineRows(rows: QueryResult['rows']): number {
  return rows.totalRows - rows.chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
}

/** The first rows of a result, up to `most`, each as its cells. */
export async function firstRows(store: ResultStore, result: QueryResult, most: number): Promise<(string | null)[][]> {
  const found: (string | null)[][] = [];
  const parts = partitionsOf(result).length;
  for (let part = 0; part < parts && found.length < most; part++) {
    const pieces = await partitionRows(store, result, part);
    if (pieces === undefined) break;
    found.push(...parsedRows(pieces).slice(0, most - found.length));
  }
  return found;
}

export function parsedRows(pieces: readonly Buffer[]): (string | null)[][] {
  return JSON.parse(`[${Buffer.concat([...pieces]).toString('utf8')}]`) as (string | null)[][];
}

/** Rows changed cell by cell, as text again. */
export function mappedRows(
  pieces: readonly Buffer[],
  change: (cell: string | null, column: number) => string | null,
): readonly Buffer[] {
  const rows = parsedRows(pieces).map((row) => JSON.stringify(row.map(change)));
  return rows.flatMap((row, i) => (i === 0 ? [Buffer.from(row)] : [COMMA, Buffer.from(row)]));
}
