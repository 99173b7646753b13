import type { SnowflakeType } from '../../engine/snowflake-type.js';
import type { PathStep } from '../grammar/ast.js';
import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './cast.js';
import { asText } from './coerce.js';
import type { Context } from './context.js';
import { heldBy, isSemiStructured, isSnowflakeType, type Type, type Typed, typed, VARIANT } from './typed.js';

/** `v:a.b[0]`: constants make one JSON path; an index that is computed is taken step by step. */
export function path(value: Typed, steps: readonly PathStep[], cx: Context): Typed {
  let sql = value.type.name === 'UNKNOWN' || value.type.name === 'TEXT' ? `CAST(${value.sql} AS JSON)` : value.sql;
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
