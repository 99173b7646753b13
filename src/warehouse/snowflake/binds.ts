import { SnowError } from '../../errors/snow-error.js';
import type { Bind, StatementRequest } from '../connection.js';

/**
 * Binds in the form the driver sends without loss. It types a column of an array bind by its first row alone and
 * writes very large numbers in a notation that FIXED does not take; such values go as text, which Snowflake casts.
 */
export function driverBinds(binds: StatementRequest['binds']): readonly unknown[] | undefined {
  if (binds === undefined || binds.length === 0) return undefined;
  const rows = binds.filter(Array.isArray) as readonly (readonly Bind[])[];
  if (rows.length === 0) return (binds as readonly Bind[]).map((value) => plain(value));
  if (rows.length !== binds.length)
    throw invalid('binds mixes single values with rows of values', 'Send either one list of values or a list of rows.');
  return arrayBind(rows);
}

function arrayBind(rows: readonly (readonly Bind[])[]): readonly (readonly Bind[])[] {
  const width = rows[0]?.length ?? 0;
  if (width === 0 || rows.some((row) => row.length !== width))
    throw invalid('the rows of binds differ in length or are empty', 'Give every row the same number of values.');
  const asText = Array.from({ length: width }, (_, column) => isMixed(rows.map((row) => row[column] ?? null)));
  return rows.map((row) =>
    row.map((value, column) => (asText[column] && value !== null ? String(value) : plain(value))),
  );
}

function isMixed(column: readonly Bind[]): boolean {
  return new Set(column.map(kindOf)).size > 1;
}

function kindOf(value: Bind): string {
  if (typeof value !== 'number') return value === null ? 'null' : typeof value;
  return Number.isInteger(value) ? 'integer' : 'real';
}

function plain(value: Bind): Bind {
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value))
    throw invalid('a bind is not a finite number', "Write the value into the statement: 'NaN'::float or 'inf'::float.");
  return Number.isInteger(value) && Math.abs(value) >= 1e21 ? String(value) : value;
}

function invalid(what: string, hint: string): SnowError {
  return new SnowError({ code: 'INVALID_ARGUMENT', message: `Bad binds: ${what}.`, hint });
}
