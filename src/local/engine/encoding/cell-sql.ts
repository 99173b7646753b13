import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { SnowflakeType } from '../snowflake-type.js';
import { snowflakeTypeOf } from '../types/snowflake-type-of.js';

/** Doubles below this are printed by DuckDB without an exponent, and those that are whole fit a BIGINT. */
const FIRST_EXPONENT = '1e16';

/**
 * The type a result column is announced as: what the caller knows of it where DuckDB's own type agrees, else what
 * DuckDB's type says. A known type never changes what the values mean.
 */
export function resultTypeOf(type: DuckDBType, known: SnowflakeType | undefined): SnowflakeType {
  const own = snowflakeTypeOf(type);
  if (known === undefined) return own;
  if (known.name === own.name || known.name === 'TEXT') return known;
  return isSemiStructured(own) && isSemiStructured(known) ? known : own;
}

function isSemiStructured(type: SnowflakeType): boolean {
  return ['VARIANT', 'OBJECT', 'ARRAY', 'GEOGRAPHY', 'GEOMETRY'].includes(type.name);
}

/**
 * DuckDB SQL for the text of a cell (or NULL) as Snowflake's wire has it:
 *
 * | FIXED | digits with exactly `scale` decimals | REAL | shortest digits that give the double back, `inf`, `-inf`, `NaN` |
 * | BOOLEAN | `1` or `0` | DATE | days since 1970-01-01 | TIME | seconds since midnight | BINARY | upper-case hex |
 * | TIMESTAMP_NTZ, _LTZ | seconds since the epoch | TIMESTAMP_TZ | the same, a blank, and the offset in minutes + 1440 |
 *
 * Seconds carry `scale` decimals; those before the epoch are negative as a whole (`-1.500000000`).
 */
export function cellSql(column: string, from: DuckDBType, to: SnowflakeType): string {
  switch (to.name) {
    case 'FIXED':
      return fixedSql(column, from, to.scale);
    case 'REAL':
      return (
        `CASE WHEN ${column} = trunc(${column}) AND abs(${column}) < ${FIRST_EXPONENT} THEN ${column}::BIGINT::VARCHAR` +
        ` WHEN isnan(${column}) THEN 'NaN' ELSE ${column}::VARCHAR END`
      );
    case 'BOOLEAN':
      return `${column}::INTEGER::VARCHAR`;
    case 'DATE':
      return `(${column} - DATE '1970-01-01')::VARCHAR`;
    case 'TIME':
      return secondsSql(`${column}::TIME`, to.scale);
    case 'TIMESTAMP_NTZ':
      return from.typeId === DuckDBTypeId.TIMESTAMP_NS
        ? nanosecondsSql(column, to.scale)
        : secondsSql(`${column}::TIMESTAMP`, to.scale);
    case 'TIMESTAMP_LTZ':
      return secondsSql(column, to.scale);
    case 'TIMESTAMP_TZ':
      return `${secondsSql(`(${column}).utc`, to.scale)} || ' ' || ((${column}).offset_min + 1440)::VARCHAR`;
    case 'BINARY':
      return `hex(${column})`;
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return from.alias === 'JSON' ? `${column}::VARCHAR` : `to_json(${column})::VARCHAR`;
    case 'TEXT':
      return `${column}::VARCHAR`;
  }
}

function fixedSql(column: string, from: DuckDBType, scale: number): string {
  // DuckDB prints a DECIMAL without whole digits as `.500`.
  const printable = from.typeId === DuckDBTypeId.DECIMAL ? from.scale === scale && from.width > scale : scale === 0;
  return printable ? `${column}::VARCHAR` : `${column}::DECIMAL(38, ${scale})::VARCHAR`;
}

function secondsSql(instant: string, scale: number): string {
  const micros = `epoch_us(${instant})`;
  return signedFractionSql(micros, 1_000_000, 6, scale);
}

function nanosecondsSql(instant: string, scale: number): string {
  return signedFractionSql(`epoch_ns(${instant})`, 1_000_000_000, 9, scale);
}

function signedFractionSql(count: string, perSecond: number, digits: number, scale: number): string {
  // `||` where concat would turn NULL into an empty text.
  const whole = `if(${count} < 0, '-', '') || (abs(${count}) // ${perSecond})::VARCHAR`;
  if (scale === 0) return whole;
  const fraction = `lpad((abs(${count}) % ${perSecond})::VARCHAR, ${digits}, '0')`;
  if (scale < digits) return `${whole} || '.' || left(${fraction}, ${scale})`;
  return `${whole} || '.' || ${fraction} || '${'0'.repeat(scale - digits)}'`;
}
