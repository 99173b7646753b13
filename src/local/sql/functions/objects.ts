import { expandStar } from '../emit/star.js';
import { jsonOf, textOf } from '../emit/text-casts.js';
import { INTEGER, type Typed, typed } from '../emit/typed.js';
import type { StarExpr } from '../grammar/ast.js';
import { duckString } from '../lexer.js';
import { type Call, type FunctionTable, rule } from './call.js';
import { array, boolean, object } from './json-types.js';

/** `[json, …]` as a DuckDB list. */
function jsonList(values: readonly Typed[]): string {
  return values.length === 0 ? 'CAST([] AS JSON[])' : `[${values.map(jsonOf).join(', ')}]`;
}

/** Pairs whose key or value is NULL are left out. */
const objectConstruct = (keepNull: boolean) =>
  rule(0, 1000, (call) => {
    const [first] = call.node.args;
    if (call.count === 1 && first?.value.kind === 'star') return objectOfStar(first.value, call, keepNull);
    const values = call.args();
    if (values.length === 0) return object(`CAST('{}' AS JSON)`);
    if (values.length % 2 === 1)
      throw call.error('000938', '22023', `function ${call.name} takes keys and values in pairs`);
    const keys = values.filter((_, i) => i % 2 === 0);
    const items = values.filter((_, i) => i % 2 === 1);
    const constant = keys.map(({ literal }) => literal);
    const distinct = constant.every((key) => typeof key === 'string') && new Set(constant).size === keys.length;
    return objectFrom(
      keys.map((key) => textOf(key)),
      jsonList(items),
      keepNull,
      distinct,
    );
  });

/** Equal keys are looked for only where they may be. */
function objectFrom(keys: readonly string[], values: string, keepNull: boolean, distinct: boolean): Typed {
  const entries = `_fn.${keepNull ? 'entries_with_null' : 'entries_of'}([${keys.join(', ')}], ${values})`;
  return object(`_fn.object_of(${distinct ? entries : `_fn.distinct_entries(${entries})`})`);
}

function objectOfStar(star: StarExpr, call: Call, keepNull: boolean): Typed {
  const keys: string[] = [];
  const values: string[] = [];
  expandStar(
    star,
    call.cx,
    (name, value) => {
      keys.push(duckString(name));
      values.push(jsonOf(value));
    },
    () => {
      throw call.error('001003', '42000', `'*' in ${call.name} needs columns that are known`);
    },
  );
  return objectFrom(keys, `[${values.join(', ')}]`, keepNull, new Set(keys).size === keys.length);
}

const keysFrom = (call: Call): string =>
  call
    .args(1)
    .map((arg) => textOf(arg))
    .join(', ');

export const OBJECTS: FunctionTable = {
  OBJECT_CONSTRUCT: objectConstruct(false),
  OBJECT_CONSTRUCT_KEEP_NULL: objectConstruct(true),
  OBJECT_KEYS: rule(1, 1, (call) => array(`to_json(json_keys(${call.object(0)}))`)),
  OBJECT_INSERT: rule(3, 4, (call) =>
    object(
      `_fn.object_insert(${call.object(0)}, ${call.text(1)}, ${call.json(2)}, ${call.has(3) ? call.boolean(3) : 'FALSE'})`,
    ),
  ),
  OBJECT_DELETE: rule(2, 99, (call) =>
    object(
      `_fn.object_delete(${call.object(0)}, [${call
        .args(1)
        .map((arg) => textOf(arg))
        .join(', ')}])`,
    ),
  ),
  OBJECT_PICK: rule(2, 99, (call) => {
    const second = call.arg(1);
    const keys =
      call.count === 2 && second.type.name === 'ARRAY'
        ? `CAST(json_extract_string(${second.sql}, '$[*]') AS VARCHAR[])`
        : `[${call
            .args(1)
            .map((arg) => textOf(arg))
            .join(', ')}]`;
    return object(`_fn.object_pick(${call.object(0)}, ${keys})`);
  }),
  MAP_KEYS: rule(1, 1, (call) => array(`to_json(json_keys(${call.object(0)}))`)),
  MAP_SIZE: rule(1, 1, (call) => typed(`len(json_keys(${call.object(0)}))`, INTEGER)),
  MAP_CONTAINS_KEY: rule(2, 2, (call) => boolean(`list_contains(json_keys(${call.object(1)}), ${call.text(0)})`)),
  MAP_CAT: rule(2, 2, (call) => object(`_fn.map_cat(${call.object(0)}, ${call.object(1)})`)),
  MAP_INSERT: rule(3, 4, (call) =>
    object(
      `_fn.object_insert(${call.object(0)}, ${call.text(1)}, ${call.json(2)}, ${call.has(3) ? call.boolean(3) : 'FALSE'})`,
    ),
  ),
  MAP_DELETE: rule(2, 99, (call) => object(`_fn.object_delete(${call.object(0)}, [${keysFrom(call)}])`)),
  MAP_PICK: rule(2, 99, (call) => object(`_fn.object_pick(${call.object(0)}, [${keysFrom(call)}])`)),
};
