import { castTo } from '../emit/cast.js';
import { jsonOf } from '../emit/text-casts.js';
import { INTEGER, TEXT, type Typed, typed } from '../emit/typed.js';
import { type Call, type FunctionTable, rule } from './call.js';
import { array, boolean, object, variant } from './json-types.js';

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

export const ARRAYS: FunctionTable = {
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
};
