import type { WireColumn } from '../engine/engine.js';

/** Snowflake's limit for a text, in characters; a character takes at most four bytes. */
const MAX_TEXT = 16_777_216;

export interface RowTypeItem {
  readonly name: string;
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly nullable: boolean;
  readonly type: string;
  readonly byteLength: number | null;
  readonly length: number | null;
  readonly scale: number | null;
  readonly precision: number | null;
  readonly collation: string | null;
}

/** A column as `rowtype` describes it. */
export function rowTypeItem(column: WireColumn): RowTypeItem {
  const { type } = column;
  const base = {
    name: column.name,
    database: column.database ?? '',
    schema: column.schema ?? '',
    table: column.table ?? '',
    nullable: column.nullable,
    type: type.name.toLowerCase(),
    byteLength: null,
    length: null,
    scale: null,
    precision: null,
    collation: null,
  };
  switch (type.name) {
    case 'FIXED':
      return { ...base, precision: type.precision, scale: type.scale };
    case 'TEXT':
      return {
        ...base,
        length: type.length,
        byteLength: Math.min(type.length * 4, MAX_TEXT),
        collation: type.collation ?? null,
      };
    case 'BINARY':
      return { ...base, length: type.length, byteLength: type.length };
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return { ...base, precision: 0, scale: type.scale };
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return { ...base, type: 'object' };
    default:
      return base;
  }
}
