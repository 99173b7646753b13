import type { DuckDBConnection } from '@duckdb/node-api';
import { duckString } from '../sql/lexer.js';

/** Gives DuckDB the session's zone. DuckDB knows the zones of the tz database in the case they are written there. */
export async function setTimeZone(connection: DuckDBConnection, zone: string): Promise<void> {
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
  try {
    await connection.run(`SET TimeZone = ${duckString(zone)}`);
  } catch {
    await connection.run(`SET TimeZone = ${duckString(timeZone)}`);
  }
}
