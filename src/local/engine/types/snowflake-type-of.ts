import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { SnowflakeType } from '../snowflake-type.js';

export const MAX_TEXT_LENGTH = 16_777_216;
export const MAX_BINARY_LENGTH = 8_388_608;

const INTEGER: SnowflakeType = { name: 'FIXED', precision: 38, scale: 0 };
const TEXT: SnowflakeType = { name: 'TEXT', length: MAX_TEXT_LENGTH };

/**
 * The Snowflake type that a column of DuckDB's type comes back as. Integers of every width are NUMBER(38,0): Snowflake has
 * one integer type. What Snowflake has no type for (INTERVAL, UUID, ENUM, BIT, …) is text.
 */
export function snowflakeTypeOf(type: DuckDBType): SnowflakeType {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return { name: 'FIXED', precision: type.width, scale: type.scale };
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.BIGNUM:
      return INTEGER;
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { name: 'REAL' };
    case DuckDBTypeId.BOOLEAN:
      return { name: 'BOOLEAN' };
    case DuckDBTypeId.BLOB:
      return { name: 'BINARY', length: MAX_BINARY_LENGTH };
    case DuckDBTypeId.DATE:
      return { name: 'DATE' };
    case DuckDBTypeId.TIME:
    case DuckDBTypeId.TIME_TZ:
      return { name: 'TIME', scale: 9 };
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return { name: 'TIMESTAMP_NTZ', scale: 9 };
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { name: 'TIMESTAMP_LTZ', scale: 9 };
    case DuckDBTypeId.STRUCT:
      return isTimestampTz(type.entryNames) ? { name: 'TIMESTAMP_TZ', scale: 9 } : { name: 'OBJECT' };
    case DuckDBTypeId.MAP:
      return { name: 'OBJECT' };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return { name: 'ARRAY' };
    case DuckDBTypeId.VARIANT:
    case DuckDBTypeId.UNION:
      return { name: 'VARIANT' };
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON' ? { name: 'VARIANT' } : TEXT;
    default:
      return TEXT;
  }
}

function isTimestampTz(fields: readonly string[]): boolean {
  return fields.length === 2 && fields[0] === 'utc' && fields[1] === 'offset_min';
}
