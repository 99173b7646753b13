import type { SnowflakeType } from '../snowflake-type.js';

/** A type as DESCRIBE TABLE and GET_DDL print it: `NUMBER(38,0)`, `VARCHAR(16777216)`. */
export function showType(type: SnowflakeType): string {
  switch (type.name) {
    case 'FIXED':
      return `NUMBER(${type.precision},${type.scale})`;
    case 'REAL':
      return 'FLOAT';
    case 'TEXT':
      return `VARCHAR(${type.length})${type.collation === undefined ? '' : ` COLLATE '${type.collation}'`}`;
    case 'BINARY':
      return `BINARY(${type.length})`;
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return `${type.name}(${type.scale})`;
    case 'ARRAY':
      if (type.element === undefined) return 'ARRAY';
      if (type.size === undefined) return `ARRAY(${showType(type.element)})`;
      return `VECTOR(${type.element.name === 'REAL' ? 'FLOAT' : 'INT'}, ${type.size})`;
    case 'OBJECT':
      if (type.map !== undefined) return `MAP(${showType(type.map.key)}, ${showType(type.map.value)})`;
      if (type.fields === undefined) return 'OBJECT';
      return `OBJECT(${type.fields.map((field) => `${field.name} ${showType(field.type)}`).join(', ')})`;
    default:
      return type.name;
  }
}

/** A type as the column `data_type` of SHOW COLUMNS gives it: a JSON object, keys in Snowflake's order. */
export function showTypeAsJson(type: SnowflakeType, nullable: boolean): string {
  switch (type.name) {
    case 'FIXED':
      return JSON.stringify({ type: 'FIXED', precision: type.precision, scale: type.scale, nullable });
    case 'TEXT':
      return JSON.stringify({
        type: 'TEXT',
        length: type.length,
        byteLength: Math.min(type.length * 4, 16_777_216),
        nullable,
        fixed: false,
      });
    case 'BINARY':
      return JSON.stringify({
        type: 'BINARY',
        length: type.length,
        byteLength: type.length,
        nullable,
        fixed: true,
      });
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return JSON.stringify({ type: type.name, precision: 0, scale: type.scale, nullable });
    default:
      return JSON.stringify({ type: type.name, nullable });
  }
}
