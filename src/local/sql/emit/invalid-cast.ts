import { LocalError } from '../../engine/local-error.js';
import { showType } from '../../engine/types/show-type.js';
import type { Type } from './typed.js';

/** 001065 / 22023: no conversion leads from one type to the other. */
export function invalidCast(from: Type, to: Type): LocalError {
  return new LocalError(
    '001065',
    '22023',
    `SQL compilation error:\ninvalid type [CAST from ${typeName(from)} to ${typeName(to)}]`,
  );
}

/** A type as Snowflake writes it in messages: `NUMBER(38,0)`, `VARCHAR(16777216)`. */
export function typeName(type: Type): string {
  switch (type.name) {
    case 'FIXED':
      return `NUMBER(${type.precision},${type.scale})`;
    case 'TEXT':
      return `VARCHAR(${type.length})`;
    case 'BINARY':
      return `BINARY(${type.length})`;
    case 'REAL':
      return 'FLOAT';
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return `${type.name}(${type.scale})`;
    case 'ARRAY':
    case 'OBJECT':
      return showType(type);
    default:
      return type.name;
  }
}
