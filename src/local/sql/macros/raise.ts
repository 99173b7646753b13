import { duckString } from '../lexer.js';

/** Mark by which the engine tells an error raised by a macro from DuckDB's own: `SNOWFLAKE:number:sqlState:message`. */
export const RAISED = 'SNOWFLAKE:';

/** DuckDB SQL that raises a Snowflake error; `message` may be an SQL expression when it is built from values. */
export function raise(number: string, sqlState: string, message: string): string {
  return `error(${duckString(`${RAISED}${number}:${sqlState}:`)} || ${message})`;
}

/** The Snowflake error inside a DuckDB message, or undefined when a macro did not raise it. */
export function raisedError(message: string): { number: string; sqlState: string; message: string } | undefined {
  const match = /SNOWFLAKE:(\d{6}):(\w{5}):([\s\S]*)/.exec(message);
  if (match === null) return undefined;
  return { number: match[1] as string, sqlState: match[2] as string, message: match[3] as string };
}
