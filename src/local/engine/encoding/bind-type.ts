import { BIGINT, type DECIMAL, DOUBLE } from '@duckdb/node-api';
import type { BindValue } from '../engine.js';
import type { SnowflakeType } from '../snowflake-type.js';
import { bindColumnType, isColumn } from './binds.js';

const MAX_TEXT = 16_777_216;
const MAX_BINARY = 8_388_608;

/**
 * The type that a bind has in the statement, so that it is converted as a value of that type would be. Undefined where its
 * DuckDB value is something else: JSON travels as text. Throws as `boundValue` does.
 */
export function bindType(bind: BindValue): SnowflakeType | undefined {
  switch (bind.type) {
    case 'FIXED':
      return fixedBind(isColumn(bind.value) ? bind.value : [bind.value]);
    case 'REAL':
    case 'BOOLEAN':
    case 'DATE':
      return { name: bind.type };
    case 'TEXT':
      // Drivers bind NULL as a text: beside a number it says nothing of digits.
      return { name: 'TEXT', length: bind.value === null ? 0 : MAX_TEXT };
    case 'BINARY':
      return { name: 'BINARY', length: MAX_BINARY };
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return { name: bind.type, scale: 9 };
    case 'TIMESTAMP':
      return { name: 'TIMESTAMP_NTZ', scale: 9 };
    default:
      return undefined;
  }
}

function fixedBind(texts: readonly (string | null)[]): SnowflakeType {
  const type = bindColumnType('FIXED', texts);
  if (type === DOUBLE) return { name: 'REAL' };
  if (type === BIGINT) return { name: 'FIXED', precision: 19, scale: 0 };
  const { width, scale } = type as ReturnType<typeof DECIMAL>;
  return { name: 'FIXED', precision: width, scale };
}
