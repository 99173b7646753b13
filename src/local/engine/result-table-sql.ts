import { numberOfText } from '../sql/emit/number-casts.js';
import { duckString, quoteName } from '../sql/lexer.js';
import type { WireColumn } from './engine.js';
import type { ResultTable } from './result-table.js';
import type { SnowflakeType } from './snowflake-type.js';

/** A result of ours as a DuckDB query, for RESULT_SCAN and INFORMATION_SCHEMA. */
export function resultTableSql(table: ResultTable): string {
  const columns = table.columns.map((column, i) => `${cellSql(`r[${i + 1}]`, column)} AS ${quoteName(column.name)}`);
  // One text of JSON: DuckDB takes ten times as long over as many constants.
  const rows = `from_json(${duckString(JSON.stringify(table.rows))}, '[["VARCHAR"]]')`;
  return `SELECT ${columns.join(', ')} FROM (SELECT unnest(${rows}) AS r) AS v`;
}

/** The DuckDB expression that turns a wire cell (text, or NULL) into the column's value. */
export function cellSql(cell: string, column: WireColumn): string {
  const type: SnowflakeType = column.type;
  const text = `CAST(${cell} AS VARCHAR)`;
  const micros = `CAST(round(CAST(split_part(${text}, ' ', 1) AS DECIMAL(29, 9)) * 1000000) AS BIGINT)`;
  switch (type.name) {
    case 'FIXED':
      return numberOfText(text, type, false);
    case 'TEXT':
      return text;
    case 'REAL':
      return `CAST(${cell} AS DOUBLE)`;
    case 'BOOLEAN':
      return `CAST(${cell} AS BOOLEAN)`;
    case 'BINARY':
      return `unhex(${text})`;
    case 'DATE':
      return `DATE '1970-01-01' + CAST(${cell} AS INTEGER)`;
    case 'TIME':
      return `CAST(make_timestamp(${micros}) AS TIME)`;
    case 'TIMESTAMP_NTZ':
      return `make_timestamp(${micros})`;
    case 'TIMESTAMP_LTZ':
      return `(make_timestamp(${micros}) AT TIME ZONE 'UTC')`;
    case 'TIMESTAMP_TZ':
      return `CASE WHEN ${cell} IS NULL THEN NULL ELSE struct_pack(utc := make_timestamp(${micros}), offset_min := CAST(CAST(split_part(${text}, ' ', 2) AS INTEGER) - 1440 AS SMALLINT)) END`;
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return `CAST(${text} AS JSON)`;
  }
}
