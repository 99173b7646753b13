import type { LocalError } from '../../engine/local-error.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import type { PathStep } from '../grammar/ast.js';
import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './cast.js';
import { asText } from './coerce.js';
import { type Context, compilationError } from './context.js';
import { typeName } from './invalid-cast.js';
import { heldBy, isSemiStructured, isSnowflakeType, type Type, type Typed, typed, VARIANT } from './typed.js';

/** `v:a.b[0]`: constants make one JSON path; an index that is computed is taken step by step. */
export function path(value: Typed, steps: readonly PathStep[], cx: Context, start: number): Typed {
  if (value.type.name !== 'UNKNOWN' && value.type.name !== 'NULL' && !isSemiStructured(value.type))
    throw notSemiStructured(value.type, steps, cx, start);
  let sql = value.type.name === 'UNKNOWN' ? `CAST(${value.sql} AS JSON)` : value.sql;
  let constant = '';
  const flush = (): void => {
    if (constant !== '') sql = `json_extract(${sql}, ${duckString(`$${constant}`)})`;
    constant = '';
  };
  for (const step of steps) {
    if ('key' in step) {
      constant += `.${jsonKey(step.key)}`;
      continue;
    }
    const index = cx.expression(step.index, cx);
    if (typeof index.literal === 'number' && value.type.name === 'OBJECT' && value.type.map !== undefined) {
      constant += `.${jsonKey(String(index.literal))}`;
      continue;
    }
    if (typeof index.literal === 'number') {
      // Snowflake counts from the front only; DuckDB would take -1 for the last element.
      constant += index.literal < 0 ? '."\\u0000"' : `[${index.literal}]`;
      continue;
    }
    flush();
    sql = `_fn.element(${sql}, ${index.type.name === 'UNKNOWN' ? `CAST(${index.sql} AS VARCHAR)` : asText(index)})`;
  }
  flush();
  const type = typeAt(value.type, steps);
  if (type !== undefined) return castTo(typed(sql, VARIANT, true), type);
  const held = heldBy(value.type);
  return typed(sql, held === 'JSON' || held === 'XML' ? value.type : VARIANT, true);
}

/** A path is GET for Snowflake. */
function notSemiStructured(type: Type, [step]: readonly PathStep[], cx: Context, start: number): LocalError {
  const by =
    step === undefined
      ? ''
      : 'key' in step
        ? `VARCHAR(${step.key.length})`
        : typeName(cx.expression(step.index, cx).type);
  const message = `Invalid argument types for function 'GET': (${typeName(type)}, ${by})`;
  return compilationError(cx, '001044', '42P13', message, start);
}

/** The type to which a path leads inside a structured type. */
function typeAt(type: Type, steps: readonly PathStep[]): SnowflakeType | undefined {
  let at: Type | undefined = isSemiStructured(type) ? type : undefined;
  for (const step of steps) {
    const key = 'key' in step ? step.key : step.index.kind === 'string' ? step.index.value : undefined;
    if (at?.name === 'ARRAY') at = at.element;
    else if (at?.name !== 'OBJECT') return undefined;
    else at = at.map?.value ?? at.fields?.find((field) => field.name === key)?.type;
  }
  return at !== undefined && isSnowflakeType(at) && at.name !== 'VARIANT' && steps.length > 0 ? at : undefined;
}

/** A key of a JSON path, quoted as DuckDB's path grammar wants it. */
export function jsonKey(key: string): string {
  if (key.includes('"')) throw unsupported('a double quote in the key of a path');
  return `"${key}"`;
}
