import type { SnowflakeType } from '../snowflake-type.js';

/** DuckDB's name for TIMESTAMP_TZ: the instant, and the offset it was written with in minutes east of UTC. */
const TIMESTAMP_TZ_STRUCT = 'STRUCT("utc" TIMESTAMP, "offset_min" SMALLINT)';

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
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return 'JSON';
  }
}

/** DuckDB decimals of up to so many digits are 64-bit integers, above they are 128-bit. */
const MAX_SHORT_DIGITS = 18;

/**
 * The type as a table's column declares it. DuckDB packs 128-bit integers so that unpacking them takes 20 to 40 times as long
 * as the rest of a join over them; they are stored as they are.
 */
export function columnTypeOf(type: SnowflakeType): string {
  const wide = type.name === 'FIXED' && type.precision > MAX_SHORT_DIGITS;
  return wide ? `${duckdbTypeOf(type)} USING COMPRESSION uncompressed` : duckdbTypeOf(type);
}
