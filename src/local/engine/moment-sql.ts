import { duckString } from '../sql/lexer.js';
import type { TableArgument } from '../sql/scope.js';

/** A moment that a table function was given, as a DuckDB TIMESTAMPTZ; undefined where it was not. */
export function momentSql(arg: TableArgument | undefined): string | undefined {
  if (arg === undefined) return undefined;
  return arg.sql ?? (arg.value === null ? undefined : `CAST(${duckString(String(arg.value))} AS TIMESTAMPTZ)`);
}
