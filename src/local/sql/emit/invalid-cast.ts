import { LocalError } from '../../engine/local-error.js';
import { showType } from '../../engine/types/show-type.js';
import type { Type } from './typed.js';

/** 001007 / 22023: no conversion leads from one type to the other. */
export class InvalidCast extends LocalError {
  readonly to: Type;
  /** The message shows the conversion as the statement has it. */
  readonly placed: boolean;

  constructor(shown: string, to: Type, placed: boolean) {
    super('001007', '22023', `SQL compilation error:\ninvalid type [${shown}] for parameter '${conversionTo(to)}'`);
    this.to = to;
    this.placed = placed;
  }
}

export function invalidCast(from: Type, to: Type): InvalidCast {
  return new InvalidCast(`CAST(${typeName(from)} AS ${typeName(to)})`, to, false);
}

/** The function that a cast to the type stands for. */
function conversionTo(type: Type): string {
  if (type.name === 'FIXED') return 'TO_NUMBER';
  if (type.name === 'REAL') return 'TO_DOUBLE';
  return `TO_${type.name === 'TEXT' ? 'VARCHAR' : type.name}`;
}

/** 001065 / 22023: TRY_CAST reads texts. */
export function noTryCast(from: Type, to: Type): LocalError {
  return new LocalError(
    '001065',
    '22023',
    `SQL compilation error:\nFunction TRY_CAST cannot be used with arguments of types ${typeName(from)} and ${typeName(to)}`,
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
