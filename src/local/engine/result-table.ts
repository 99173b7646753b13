import type { RowBlock, WireColumn } from './engine.js';
import type { SnowflakeType } from './snowflake-type.js';

/** Small results that the engine makes itself (status rows, SHOW, DESCRIBE): cells already in the wire's form. */
export interface ResultTable {
  readonly columns: readonly WireColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export const TEXT: SnowflakeType = { name: 'TEXT', length: 16_777_216 };
export const NUMBER: SnowflakeType = { name: 'FIXED', precision: 38, scale: 0 };
export const BOOLEAN: SnowflakeType = { name: 'BOOLEAN' };
/** Snowflake's SHOW commands give instants to the millisecond. */
export const INSTANT: SnowflakeType = { name: 'TIMESTAMP_LTZ', scale: 3 };

export function column(name: string, type: SnowflakeType = TEXT, nullable = true): WireColumn {
  return { name, type, nullable };
}

/** One row, one column `status`. */
export function statusRow(text: string): ResultTable {
  return { columns: [column('status')], rows: [[text]] };
}

export const EXECUTED = statusRow('Statement executed successfully.');

/** Milliseconds since the epoch as a timestamp cell. */
export function instantCell(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000000`;
}

export async function* blocksOf(table: ResultTable): AsyncGenerator<RowBlock> {
  if (table.rows.length === 0) return;
  yield { json: table.rows.map((row) => JSON.stringify(row)).join(','), rows: table.rows.length };
}
