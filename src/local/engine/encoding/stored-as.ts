import { BLOB, BOOLEAN, DATE, DECIMAL, DOUBLE, type DuckDBType, TIME, TIMESTAMPTZ, VARCHAR } from '@duckdb/node-api';
import type { SnowflakeType } from '../snowflake-type.js';

/**
 * The DuckDB type of a translated query's column, as `duckdbTypeOf` names it; undefined where the column may come in more than one:
 * TIMESTAMP_NTZ with nanoseconds, what is semi-structured.
 */
export function storedAs(type: SnowflakeType): DuckDBType | undefined {
  switch (type.name) {
    case 'FIXED':
      return DECIMAL(type.precision, type.scale);
    case 'REAL':
      return DOUBLE;
    case 'TEXT':
      return VARCHAR;
    case 'BINARY':
      return BLOB;
    case 'BOOLEAN':
      return BOOLEAN;
    case 'DATE':
      return DATE;
    case 'TIME':
      return TIME;
    case 'TIMESTAMP_LTZ':
      return TIMESTAMPTZ;
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_TZ':
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return undefined;
  }
}
