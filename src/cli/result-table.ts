import type { Json } from '../store/job.js';
import { table } from './table.js';

/** Rows of a result as a table for people. */
export function resultTable(columns: readonly { readonly name: string }[], rows: readonly (readonly Json[])[]): string {
  return table(
    columns.map((column, at) => ({
      title: column.name,
      align: rows.every((row) => typeof row[at] === 'number' || row[at] === null) ? 'right' : 'left',
    })),
    rows.map((row) => row.map(cell)),
  );
}

function cell(value: Json): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? value.replace(/\s+/g, ' ') : JSON.stringify(value);
}
