import type { ChalkInstance } from 'chalk';
import type { Json } from '../../store/job.js';
import { duration } from '../table.js';
import { cellText, fittedTable, records } from './fitted-table.js';
import type { SqlOutcome } from './sql-session.js';

export const OUTPUT_FORMATS = ['table', 'records', 'csv', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The rows of a result as text that ends with a line break, or '' when there is nothing to show. */
export function outcomeText(outcome: SqlOutcome, format: OutputFormat, width: number): string {
  const { columns, rows } = outcome;
  if (columns.length === 0 && format !== 'json') return '';
  switch (format) {
    case 'csv':
      return `${[columns.map(({ name }) => name), ...rows].map(csvLine).join('\r\n')}\r\n`;
    case 'json':
      return `${JSON.stringify(rows.map((row) => rowObject(columns, row)))}\n`;
    case 'records':
      return rows.length === 0
        ? ''
        : `${records(
            columns,
            rows.map((row) => row.map(cellText)),
            width,
          )}\n`;
    case 'table':
      return `${fittedTable(columns, rows, width)}\n`;
  }
}

/** What stands below a table: how many rows, how long it took. */
export function outcomeLine(outcome: SqlOutcome, timing: boolean, paint: ChalkInstance): string {
  const { rowCount, rows, truncated, queuedMs, elapsedMs } = outcome;
  const count = `${rowCount} ${rowCount === 1 ? 'row' : 'rows'}`;
  const cut = truncated ? `, ${rows.length} shown (--max-rows shows more)` : '';
  if (!timing) return paint.dim(`${count}${cut}`);
  const waited = queuedMs === undefined ? '' : `waited ${duration(queuedMs)}, `;
  return paint.dim(`${count}${cut}; ${waited}took ${duration(elapsedMs)}`);
}

/** RFC 4180: in quotes where it has to be; NULL is nothing, an empty string is `""`. */
function csvLine(row: readonly Json[]): string {
  return row.map(csvField).join(',');
}

function csvField(value: Json): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A column whose name was there before gets a number, so that no value is lost. */
function rowObject(columns: readonly { readonly name: string }[], row: readonly Json[]): Record<string, Json> {
  const object: Record<string, Json> = Object.create(null);
  columns.forEach(({ name }, at) => {
    let key = name;
    for (let more = 2; key in object; more += 1) key = `${name}_${more}`;
    object[key] = row[at] ?? null;
  });
  return object;
}
