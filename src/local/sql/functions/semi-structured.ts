import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { castTo } from '../emit/cast.js';
import { jsonKey } from '../emit/json-path.js';
import { expandStar } from '../emit/star.js';
import { jsonOf, textOf } from '../emit/text-casts.js';
import {
  ARRAY,
  BINARY,
  BOOLEAN,
  DATE,
  fixed,
  heldBy,
  INTEGER,
  LTZ,
  NTZ,
  OBJECT,
  REAL,
  TEXT,
  TIME,
  type Type,
  type Typed,
  TZ,
  typed,
  VARIANT,
} from '../emit/typed.js';
import type { StarExpr } from '../grammar/ast.js';
import { parseExpressionText } from '../grammar/statements.js';
import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { type Call, type FunctionTable, rule } from './call.js';

const array = (sql: string): Typed => typed(sql, ARRAY, true);
const object = (sql: string): Typed => typed(sql, OBJECT, true);
const variant = (sql: string): Typed => typed(sql, VARIANT, true);
const boolean = (sql: string): Typed => typed(sql, BOOLEAN, true);

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

const typeTest = (kinds: string) => rule(1, 1, (call) => boolean(`(json_type(${call.json(0)}) IN (${kinds}))`));

/** AS_… give the value when it is of that type, NULL otherwise. */
const asType = (kinds: string, build: (json: string) => Typed) =>
  rule(1, 3, (call) => {
    const value = build(call.json(0));
    return typed(
      `CASE WHEN json_type(${call.json(0)}) IN (${kinds}) THEN ${value.sql} END`,
      value.type,
      value.exact === true,
    );
  });

const INTEGERS = "'UBIGINT', 'BIGINT', 'HUGEINT'";
const NUMBERS = `${INTEGERS}, 'DOUBLE'`;

const keysFrom = (call: Call): string =>
  call
    .args(1)
    .map((arg) => textOf(arg))
    .join(', ');

/** AS_DECIMAL(v [, precision [, scale]]). */
const asDecimal = rule(1, 3, (call) => {
  const type = fixed(call.has(1) ? call.constantInteger(1) : 38, call.has(2) ? call.constantInteger(2) : 0);
  const sql = `CASE WHEN json_type(${call.json(0)}) IN (${NUMBERS}) THEN CAST(${call.json(0)} ->> '$' AS ${duckdbTypeOf(type)}) END`;
  return typed(sql, type, true);
});

/** What a value, or the VARIANT around it, is known to be. */
function kindOf(type: Type): string | undefined {
  return type.name === 'VARIANT' ? heldBy(type) : type.name;
}

/** Types whose values JSON cannot tell apart by themselves. */
const TEXTS_IN_JSON = new Set(['BINARY', 'DATE', 'TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_TZ', 'DOUBLE']);

/** IS_DATE and its kin: what the translation knows decides; of a stored VARIANT nobody knows any more. */
const heldTest = (kind: string) =>
  rule(1, 1, (call) => {
    const value = call.arg(0);
    const known = kindOf(value.type);
    if (known === undefined) throw unsupported(`${call.name} of a VARIANT that was stored`);
    return boolean(`CASE WHEN ${value.sql} IS NOT NULL THEN ${known === kind ? 'TRUE' : 'FALSE'} END`);
  });

/** Moments and bytes are texts in a VARIANT: they are read back from those, unless it is known to hold something else. */
const asTextOf = (type: SnowflakeType) =>
  rule(1, 1, (call) => {
    const known = kindOf(call.arg(0).type);
    if (known !== undefined && known !== type.name) return typed(`CAST(NULL AS ${duckdbTypeOf(type)})`, type, true);
    const value = castTo(typed(`(${call.json(0)} ->> '$')`, TEXT, true), type, true);
    return typed(`CASE WHEN json_type(${call.json(0)}) = 'VARCHAR' THEN ${value.sql} END`, type, true);
  });

function isText(value: Typed): boolean {
  return value.type.name === 'TEXT' || value.type.name === 'NULL' || value.type.name === 'UNKNOWN';
}

const JSON_VARIANT: Type = { name: 'VARIANT', holds: 'JSON' };

/** `'d'` takes the last of equal keys, `'s'`, what is taken without it, none. */
function takesLastOfEqual(call: Call): boolean {
  const parameter = call.has(1) ? call.word(1) : 'S';
  if (parameter !== 'D' && parameter !== 'S')
    throw call.error('001015', '22023', `argument 2 to function ${call.name} must be 'd' or 's'`);
  return parameter === 'D';
}

const parsing = (macro: string) =>
  rule(1, 2, (call) => {
    const last = takesLastOfEqual(call);
    return isText(call.arg(0))
      ? typed(`_fn.${macro}(${call.text(0)}, ${last})`, JSON_VARIANT, true)
      : castTo(call.arg(0), VARIANT);
  });

/** The path's text is what stands behind a colon in SQL. */
function constantPath(text: string, call: Call): string {
  const node = parseExpressionText(text.startsWith('[') ? `v${text}` : `v:${text}`);
  if (node.kind !== 'path' || node.arg.kind !== 'column')
    throw call.error('001003', '42000', `syntax error in the path '${text}'`);
  return `$${node.steps
    .map((step) => {
      if ('key' in step) return `.${jsonKey(step.key)}`;
      const { index } = step;
      if (index.kind === 'column') return `.${jsonKey(index.parts[0]?.name ?? '')}`;
      if (index.kind !== 'number') throw call.error('001003', '42000', `syntax error in the path '${text}'`);
      return `[${index.text}]`;
    })
    .join('')}`;
}

/** A path as GET_PATH takes it: `a.b[0]`. */
function jsonPath(call: Call, i: number): string {
  const { literal } = call.arg(i);
  return typeof literal === 'string' ? duckString(constantPath(literal, call)) : `_fn.json_path(${call.text(i)})`;
}

const getPath = rule(2, 2, (call) => variant(`json_extract(${call.json(0)}, ${jsonPath(call, 1)})`));
const get = rule(2, 2, (call) => variant(`_fn.element(${call.json(0)}, ${call.text(1)})`));

const arrays = (count: number, name: string) =>
  rule(count, count, (call) =>
    array(`_fn.${name}(${Array.from({ length: count }, (_, i) => call.array(i)).join(', ')})`),
  );

const arrayExtreme = (lowest: string) =>
  rule(1, 1, (call) => {
    const none = call.arg(0).type.name === 'NULL';
    return variant(none ? 'CAST(NULL AS JSON)' : `CAST(_fn.array_extreme(${call.array(0)}, ${lowest}) AS JSON)`);
  });

/** FILTER, TRANSFORM, REDUCE: DuckDB's lambdas over the array as a list. */
function lambda(call: Call, i: number): { params: string[]; body: Typed } {
  const node = call.expr(i);
  if (node.kind !== 'lambda')
    throw call.error('001003', '42000', `argument ${i + 1} of ${call.name} must be a lambda, such as x -> x + 1`);
  const bound = new Map(call.cx.lambda);
  for (const param of node.params) bound.set(param.name, variant(`"${param.name}"`));
  const body = call.cx.expression(node.body, { ...call.cx, lambda: bound });
  return { params: node.params.map((param) => `"${param.name}"`), body };
}

export const SEMI_STRUCTURED: FunctionTable = {
  PARSE_JSON: parsing('parse_json'),
  TRY_PARSE_JSON: parsing('try_parse_json'),
  CHECK_JSON: rule(1, 1, (call) => typed(`_fn.json_problem(${call.text(0)})`, TEXT, true)),
  STRIP_NULL_VALUE: rule(1, 1, (call) =>
    variant(`CASE WHEN json_type(${call.json(0)}) = 'NULL' THEN NULL ELSE ${call.json(0)} END`),
  ),
  GET_PATH: getPath,
  JSON_EXTRACT_PATH_TEXT: rule(2, 2, (call) =>
    typed(
      `json_extract_string(${isText(call.arg(0)) ? `_fn.parse_json(${call.text(0)}, FALSE)` : call.json(0)}, ${jsonPath(call, 1)})`,
      TEXT,
      true,
    ),
  ),
  GET: get,
  GET_IGNORE_CASE: rule(2, 2, (call) => variant(`_fn.element_any_case(${call.json(0)}, ${call.text(1)})`)),
  TYPEOF: rule(1, 1, (call) => {
    const kind = kindOf(call.arg(0).type);
    const name = kind === 'REAL' ? 'DOUBLE' : kind;
    if (name === undefined || !TEXTS_IN_JSON.has(name)) return typed(`_fn.type_of(${call.json(0)})`, TEXT, true);
    return typed(`CASE WHEN ${call.sql(0)} IS NOT NULL THEN '${name}' END`, TEXT, true);
  }),
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
  ARRAY_CONSTRUCT: rule(0, 1000, (call) => array(`json_array(${call.args().map(jsonOf).join(', ')})`)),
  ARRAY_CONSTRUCT_COMPACT: rule(0, 1000, (call) =>
    array(`_fn.array_compact(json_array(${call.args().map(jsonOf).join(', ')}))`),
  ),
  ARRAY_SIZE: rule(1, 1, (call) => typed(`_fn.array_size(${call.json(0)})`, INTEGER)),
  ARRAY_LENGTH: rule(1, 1, (call) => typed(`_fn.array_size(${call.json(0)})`, INTEGER)),
  ARRAY_APPEND: rule(2, 2, (call) => array(`_fn.array_append(${call.array(0)}, ${call.json(1)})`)),
  ARRAY_PREPEND: rule(2, 2, (call) => array(`_fn.array_prepend(${call.array(0)}, ${call.json(1)})`)),
  ARRAY_CAT: arrays(2, 'array_cat'),
  ARRAY_COMPACT: arrays(1, 'array_compact'),
  ARRAY_DISTINCT: arrays(1, 'array_distinct'),
  ARRAY_FLATTEN: arrays(1, 'array_flatten'),
  ARRAY_INTERSECTION: arrays(2, 'array_intersection'),
  ARRAY_EXCEPT: arrays(2, 'array_except'),
  ARRAY_CONTAINS: rule(2, 2, (call) => boolean(`_fn.array_contains(${call.json(0)}, ${call.array(1)})`)),
  ARRAY_POSITION: rule(2, 2, (call) => typed(`_fn.array_position(${call.json(0)}, ${call.array(1)})`, INTEGER)),
  ARRAY_REMOVE: rule(2, 2, (call) => array(`_fn.array_remove(${call.array(0)}, ${call.json(1)})`)),
  ARRAY_REMOVE_AT: rule(2, 2, (call) => array(`_fn.array_remove_at(${call.array(0)}, ${call.integer(1)})`)),
  ARRAY_INSERT: rule(3, 3, (call) => array(`_fn.array_insert(${call.array(0)}, ${call.integer(1)}, ${call.json(2)})`)),
  ARRAY_SLICE: rule(3, 3, (call) => array(`_fn.array_slice(${call.array(0)}, ${call.integer(1)}, ${call.integer(2)})`)),
  ARRAY_TO_STRING: rule(2, 2, (call) => typed(`_fn.array_to_text(${call.array(0)}, ${call.text(1)})`, TEXT, true)),
  ARRAY_JOIN: rule(2, 2, (call) => typed(`_fn.array_to_text(${call.array(0)}, ${call.text(1)})`, TEXT, true)),
  ARRAY_SORT: rule(1, 3, (call) => {
    const ascending = call.has(1) ? call.boolean(1) : 'TRUE';
    return array(
      `_fn.array_sort(${call.array(0)}, ${ascending}, ${call.has(2) ? call.boolean(2) : `NOT ${ascending}`})`,
    );
  }),
  ARRAY_MIN: arrayExtreme('TRUE'),
  ARRAY_MAX: arrayExtreme('FALSE'),
  ARRAY_REVERSE: arrays(1, 'array_reverse'),
  ARRAY_GENERATE_RANGE: rule(2, 3, (call) =>
    array(`to_json(range(${call.integer(0)}, ${call.integer(1)}, _fn.step(${call.has(2) ? call.integer(2) : '1'})))`),
  ),
  ARRAYS_ZIP: rule(1, 99, (call) =>
    array(
      `_fn.arrays_zip([${call
        .args()
        .map((_, i) => `_fn.elements(${call.array(i)})`)
        .join(', ')}])`,
    ),
  ),
  ARRAYS_TO_OBJECT: rule(2, 2, (call) => object(`_fn.arrays_to_object(${call.array(0)}, ${call.array(1)})`)),
  ARRAYS_OVERLAP: rule(2, 2, (call) => boolean(`_fn.arrays_overlap(${call.array(0)}, ${call.array(1)})`)),
  SPLIT: rule(2, 2, (call) => array(`to_json(_fn.split_text(${call.text(0)}, ${call.text(1)}))`)),
  STRTOK_TO_ARRAY: rule(1, 2, (call) =>
    array(`to_json(_fn.strtok_list(${call.text(0)}, ${call.has(1) ? call.text(1) : "' '"}))`),
  ),
  FILTER: rule(2, 2, (call) => {
    const { params, body } = lambda(call, 1);
    return array(`to_json(list_filter(_fn.values_of(${call.array(0)}), lambda ${params[0]}: ${body.sql}))`);
  }),
  TRANSFORM: rule(2, 2, (call) => {
    const { params, body } = lambda(call, 1);
    return array(`to_json(list_transform(_fn.values_of(${call.array(0)}), lambda ${params[0]}: ${jsonOf(body)}))`);
  }),
  REDUCE: rule(3, 3, (call) => {
    const start = call.arg(1);
    const { params, body } = lambda(call, 2);
    const reduced = variant(
      `list_reduce(_fn.values_of(${call.array(0)}), lambda ${params.join(', ')}: ${jsonOf(body)}, ${call.json(1)})`,
    );
    return start.type.name === 'TEXT' ? castTo(reduced, TEXT) : reduced;
  }),
  IS_ARRAY: typeTest("'ARRAY'"),
  IS_OBJECT: typeTest("'OBJECT'"),
  IS_BOOLEAN: typeTest("'BOOLEAN'"),
  IS_VARCHAR: typeTest("'VARCHAR'"),
  IS_CHAR: typeTest("'VARCHAR'"),
  IS_NULL_VALUE: typeTest("'NULL'"),
  IS_INTEGER: typeTest(INTEGERS),
  IS_DECIMAL: typeTest(NUMBERS),
  IS_DOUBLE: typeTest(NUMBERS),
  IS_REAL: typeTest(NUMBERS),
  IS_BINARY: heldTest('BINARY'),
  IS_DATE: heldTest('DATE'),
  IS_DATE_VALUE: heldTest('DATE'),
  IS_TIME: heldTest('TIME'),
  IS_TIMESTAMP_LTZ: heldTest('TIMESTAMP_LTZ'),
  IS_TIMESTAMP_NTZ: heldTest('TIMESTAMP_NTZ'),
  IS_TIMESTAMP_TZ: heldTest('TIMESTAMP_TZ'),
  AS_ARRAY: asType("'ARRAY'", array),
  AS_OBJECT: asType("'OBJECT'", object),
  AS_BOOLEAN: asType("'BOOLEAN'", (json) => boolean(`CAST(${json} ->> '$' AS BOOLEAN)`)),
  AS_VARCHAR: asType("'VARCHAR'", (json) => typed(`(${json} ->> '$')`, TEXT, true)),
  AS_CHAR: asType("'VARCHAR'", (json) => typed(`(${json} ->> '$')`, TEXT, true)),
  AS_INTEGER: asType(INTEGERS, (json) => typed(`CAST(${json} ->> '$' AS DECIMAL(38, 0))`, INTEGER, true)),
  AS_NUMBER: asDecimal,
  AS_DECIMAL: asDecimal,
  AS_DOUBLE: asType(NUMBERS, (json) => typed(`CAST(${json} ->> '$' AS DOUBLE)`, REAL, true)),
  AS_REAL: asType(NUMBERS, (json) => typed(`CAST(${json} ->> '$' AS DOUBLE)`, REAL, true)),
  AS_BINARY: asTextOf(BINARY),
  AS_DATE: asTextOf(DATE),
  AS_TIME: asTextOf(TIME),
  AS_TIMESTAMP_NTZ: asTextOf(NTZ),
  AS_TIMESTAMP_LTZ: asTextOf(LTZ),
  AS_TIMESTAMP_TZ: asTextOf(TZ),
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
