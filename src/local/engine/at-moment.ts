import type { Translation } from '../sql/translation.js';

const NOW = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\bnow\(\)/g;

/**
 * The translation with that moment for CURRENT_TIMESTAMP and its kin. In a transaction DuckDB's `now()` is the moment when
 * the transaction began, Snowflake's that of the statement. `ms` since the epoch.
 */
export function atMoment(translation: Translation, ms: number): Translation {
  const parts = translation.parts?.map((part) => ({ ...part, sql: datedSql(part.sql, ms) }));
  return { ...translation, sql: datedSql(translation.sql, ms), ...(parts !== undefined && { parts }) };
}

/** DuckDB SQL with that moment for `now()`. */
export function datedSql(sql: string, ms: number): string {
  if (!sql.includes('now()')) return sql;
  const moment = `TIMESTAMPTZ '${new Date(ms).toISOString()}'`;
  return sql.replace(NOW, (piece) => (piece === 'now()' ? moment : piece));
}
