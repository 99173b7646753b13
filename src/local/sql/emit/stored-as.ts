import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { castTo } from './cast.js';
import { withCollation } from './collated.js';
import type { QueryOptions } from './context.js';
import { fixed, isSnowflakeType, TEXT, type Type, type Typed } from './typed.js';

/** A value cast so that its DuckDB type is exactly that of its Snowflake type. */
export function storedAs(value: Typed, type: Type, options: QueryOptions): string {
  if (!isSnowflakeType(type))
    return type.name === 'NULL' && options.outermost === true ? `CAST(${value.sql} AS VARCHAR)` : value.sql;
  if (options.outermost === true && value.nanoseconds !== undefined && type.name === 'TIMESTAMP_NTZ')
    return value.nanoseconds;
  const goal = options.widen === true ? widened(type) : type;
  if (value.type.name === 'NULL') return `CAST(NULL AS ${duckdbTypeOf(goal)})`;
  if (value.type.name === goal.name && value.type.name !== 'FIXED' && value.exact === true) return value.sql;
  if (value.type.name === 'UNKNOWN') return value.sql;
  if (value.type.name === goal.name && goal.name !== 'FIXED') return `CAST(${value.sql} AS ${duckdbTypeOf(goal)})`;
  return castTo(value, goal).sql;
}

export function widened(type: Type): typeof type & { name: Exclude<Type['name'], 'NULL' | 'UNKNOWN'> } {
  const wide =
    type.name === 'FIXED' ? fixed(38, type.scale) : type.name === 'TEXT' ? withCollation(TEXT, type.collation) : type;
  return wide as ReturnType<typeof widened>;
}
