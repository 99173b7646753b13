import type { ArrayType, ObjectType, SnowflakeType } from '../../engine/snowflake-type.js';
import { showType } from '../../engine/types/show-type.js';
import { duckString } from '../lexer.js';
import type { Type } from './typed.js';

/** JSON of an element cast to its type, as JSON again. */
type CastElement = (json: string, type: SnowflakeType) => string;

/** Whether the type says what its elements are. */
export function isStructured(type: Type): boolean {
  if (type.name === 'ARRAY') return type.element !== undefined;
  return type.name === 'OBJECT' && (type.fields !== undefined || type.map !== undefined);
}

/** A JSON array whose elements are cast to what the type says of them; a VECTOR has exactly its number of them. */
export function structuredArray(sql: string, target: ArrayType, cast: CastElement): string {
  const { element, size } = target;
  if (element === undefined) return sql;
  const each = `e${depthOf(target)}`;
  const list = `list_transform(_fn.elements(${sql}), lambda ${each}: ${bound(each, element, cast)})`;
  return `to_json(${size === undefined ? list : `_fn.of_size(${list}, ${size})`})`;
}

/** A JSON object cast to OBJECT(…), which must have just its keys, or to a MAP. */
export function structuredObject(sql: string, target: ObjectType, cast: CastElement): string {
  const { fields, map } = target;
  const each = `e${depthOf(target)}`;
  if (map !== undefined) {
    const value = `coalesce(${bound(`struct_extract(${each}, 'v')`, map.value, cast)}, 'null'::JSON)`;
    return `_fn.object_of(list_transform(_fn.entries(${sql}), lambda ${each}: {'k': struct_extract(${each}, 'k'), 'v': ${value}}))`;
  }
  if (fields === undefined) return sql;
  const pairs = fields.map(({ name, type }) => {
    const json = `json_extract(${each}, ${duckString(`$."${name}"`)})`;
    return `${duckString(name)}, ${bound(json, type, cast)}`;
  });
  const keys = `[${fields.map(({ name }) => duckString(name)).join(', ')}]`;
  const complete = `_fn.with_keys(${each}, ${keys}, ${duckString(showType(target))}) IS NOT NULL`;
  return once(sql, each, `CASE WHEN ${complete} THEN json_object(${pairs.join(', ')}) END`);
}

/** Binds a value to a name, because what is around it names it many times. */
function once(sql: string, name: string, body: string): string {
  return `list_transform([${sql}], lambda ${name}: ${body})[1]`;
}

function bound(json: string, type: SnowflakeType, cast: CastElement): string {
  if (/^\w+$/.test(json)) return cast(json, type);
  const name = `x${depthOf(type)}`;
  return once(json, name, cast(name, type));
}

/** Levels of structured types inside: each names its elements differently. */
function depthOf(type: SnowflakeType): number {
  if (type.name === 'ARRAY') return type.element === undefined ? 0 : 1 + depthOf(type.element);
  if (type.name !== 'OBJECT') return 0;
  if (type.map !== undefined) return 1 + depthOf(type.map.value);
  return type.fields === undefined ? 0 : 1 + Math.max(0, ...type.fields.map((field) => depthOf(field.type)));
}
