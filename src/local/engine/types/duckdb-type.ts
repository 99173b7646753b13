import type { SnowflakeType } from '../snowflake-type.js';

/** DuckDB's name for TIMESTAMP_TZ: the instant, and the offset it was written with in minutes east of UTC. */
export const TIMESTAMP_TZ_STRUCT = 'STRUCT("utc" TIMESTAMP, "offset_min" SMALLINT)';

/** The DuckDB type that holds a Snowflake type in a table; see `SnowflakeType`. */
export function duckdbTypeOf(type: SnowflakeType): string {
  switch (type.name) {
    case 'FIXED':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'REAL':
      return 'DOUBLE';
    case 'TEXT':
      return 'VARCHAR';
    case 'BINARY':
      return 'BLOB';
    case 'TIMESTAMP_NTZ':
      return 'TIMESTAMP';
    case 'TIMESTAMP_LTZ':
      return 'TIMESTAMPTZ';
    case 'TIMESTAMP_TZ':
      return TIMESTAMP_TZ_STRUCT;
    case 'BOOLEAN':
    case 'DATE':
    case 'TIME':
      return type.name;
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return 'JSON';
  }
}
