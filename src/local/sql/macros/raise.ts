import { duckString } from '../lexer.js';

/**
 * DuckDB SQL that raises a Snowflake error as `NNNNNN/SSSSS: message`, the form in which the engine knows its own errors.
 * `message` is an SQL expression, so that it may show values.
 */
export function raise(number: string, sqlState: string, message: string): string {
  return `error(${duckString(`${number}/${sqlState}: `)} || ${message})`;
}
