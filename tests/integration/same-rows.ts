import type { DuckDBConnection } from '@duckdb/node-api';
import { expect } from 'vitest';

export type Cell = string | number | boolean | null;

/** A value of the driver or of DuckDB in one form: numbers as such, days and instants as ISO text. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value;
  throw new Error(`no cell: ${String(value)}`);
}

/** Rows that plain DuckDB gives. */
export async function plainRows(connection: DuckDBConnection, sql: string): Promise<Cell[][]> {
  const rows = await (await connection.run(sql)).getRowsJS();
  return rows.map((row) => row.map(cellOf));
}

/** Equal but for the last digits of numbers: Snowflake divides decimals exactly to a scale, DuckDB in doubles. */
export function expectSameRows(got: readonly Cell[][], wanted: readonly Cell[][], what: string): void {
  const rounded = (rows: readonly Cell[][]) =>
    rows.map((row) => row.map((cell) => (typeof cell === 'number' ? Number(cell.toPrecision(6)) : cell)));
  expect(rounded(got), what).toEqual(rounded(wanted));
}
