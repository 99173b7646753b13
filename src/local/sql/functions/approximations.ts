import { asText } from '../emit/coerce.js';
import { jsonOf } from '../emit/text-casts.js';
import { ARRAY, BINARY, INTEGER, OBJECT, REAL, type Typed, typed, VARIANT } from '../emit/typed.js';
import { aggregate, fractionOf } from './aggregate-call.js';
import { type Call, type FunctionTable, rule } from './call.js';
import { emitOver } from './window.js';

/** The approximations of Snowflake are exact here. */
const distinctCount = rule(1, 99, (call) => {
  const values = call.args().map((arg) => arg.sql);
  const counted =
    values.length === 1
      ? values[0]
      : `CASE WHEN ${values.map((sql) => `${sql} IS NOT NULL`).join(' AND ')} THEN row(${values.join(', ')}) END`;
  return typed(`count(DISTINCT ${counted})${emitOver(call)}`, INTEGER);
});

/** MINHASH(k, …): the smallest of k hash functions over all rows. */
function minhash(call: Call): Typed {
  const size = call.arg(0).literal;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > 1024)
    throw call.error('001015', '22023', 'argument 1 to function MINHASH needs to be a constant from 1 to 1024');
  const values = call.args(1).map((arg) => asText(arg));
  const smallest = Array.from({ length: size }, (_, i) => aggregate(call, 'min', [`hash(${values.join(', ')}, ${i})`]));
  return typed(`_fn.minhash_state([${smallest.join(', ')}])`, VARIANT, true);
}

const minima = (call: Call): string => `CAST(json_extract(${call.json(0)}, '$.state') AS UBIGINT[])`;
const similarity = rule(1, 1, (call) =>
  typed(`_fn.minhash_similarity(${aggregate(call, 'list', [minima(call)])})`, REAL, true),
);

const notNull = (call: Call): { where: string } => ({ where: `${call.sql(0)} IS NOT NULL` });
const state = (kind: string, body: string): string => `json_object('state', ${body}, 'type', '${kind}', 'version', 1)`;
/** The states of all rows, as the list that is in each. */
const states = (call: Call, type: string): string =>
  aggregate(call, 'list', [`CAST(json_extract(${call.json(0)}, '$.state') AS ${type})`], notNull(call));

/** How often each value occurs, as pairs of value and number. */
const counts = (call: Call): string =>
  `_fn.counted(${aggregate(call, 'histogram', [`CAST(${jsonOf(call.arg(0))} AS VARCHAR)`], notNull(call))})`;
const limit = (call: Call, i: number): string => (call.has(i) ? call.integer(i) : '1');

/** HyperLogLog, MinHash, t-digest and space-saving: their states can be kept, combined and asked; they hold all there is. */
export const APPROXIMATIONS: FunctionTable = {
  APPROX_PERCENTILE: rule(2, 2, (call) =>
    typed(aggregate(call, 'quantile_cont', [call.real(0), fractionOf(call, 1)]), REAL, true),
  ),
  APPROX_PERCENTILE_ACCUMULATE: rule(1, 1, (call) =>
    typed(state('tdigest', aggregate(call, 'list', [call.real(0)], notNull(call))), OBJECT, true),
  ),
  APPROX_PERCENTILE_COMBINE: rule(1, 1, (call) =>
    typed(state('tdigest', `flatten(${states(call, 'DOUBLE[]')})`), OBJECT, true),
  ),
  APPROX_PERCENTILE_ESTIMATE: rule(2, 2, (call) =>
    typed(
      `list_aggregate(CAST(json_extract(${call.json(0)}, '$.state') AS DOUBLE[]), 'quantile_cont', ${call.sql(1)})`,
      REAL,
      true,
    ),
  ),
  APPROX_COUNT_DISTINCT: distinctCount,
  HLL: distinctCount,
  APPROXIMATE_COUNT_DISTINCT: distinctCount,
  HLL_ACCUMULATE: rule(1, 1, (call) =>
    typed(
      `unhex(coalesce(${aggregate(call, 'string_agg', [`DISTINCT printf('%016x', hash(${call.sql(0)}))`, "''"], notNull(call))}, ''))`,
      BINARY,
      true,
    ),
  ),
  HLL_COMBINE: rule(1, 1, (call) =>
    typed(`_fn.hashes_joined(${aggregate(call, 'list', [`_fn.hashes_of(${call.sql(0)})`])})`, BINARY, true),
  ),
  HLL_ESTIMATE: rule(1, 1, (call) => typed(`len(list_distinct(_fn.hashes_of(${call.sql(0)})))`, INTEGER)),
  HLL_EXPORT: rule(1, 1, (call) => typed(state('hll', `_fn.hashes_of(${call.sql(0)})`), OBJECT, true)),
  HLL_IMPORT: rule(1, 1, (call) =>
    typed(`_fn.hashes_joined([CAST(json_extract_string(${call.json(0)}, '$.state[*]') AS VARCHAR[])])`, BINARY, true),
  ),
  APPROX_TOP_K: rule(1, 3, (call) => typed(`_fn.top_counts(${counts(call)}, ${limit(call, 1)})`, ARRAY, true)),
  APPROX_TOP_K_ACCUMULATE: rule(2, 2, (call) =>
    typed(state('spacesaving', `_fn.top_counts(${counts(call)}, ${call.integer(1)})`), OBJECT, true),
  ),
  APPROX_TOP_K_COMBINE: rule(1, 2, (call) =>
    typed(
      state(
        'spacesaving',
        `_fn.top_counts(_fn.summed(flatten(${states(call, 'JSON[]')})), ${call.has(1) ? call.integer(1) : '100000'})`,
      ),
      OBJECT,
      true,
    ),
  ),
  APPROX_TOP_K_ESTIMATE: rule(1, 2, (call) =>
    typed(`to_json(CAST(json_extract(${call.json(0)}, '$.state') AS JSON[])[:${limit(call, 1)}])`, ARRAY, true),
  ),
  MINHASH: rule(2, 99, minhash),
  MINHASH_COMBINE: rule(1, 1, (call) =>
    typed(`_fn.minhash_combined(${aggregate(call, 'list', [minima(call)])})`, VARIANT, true),
  ),
  APPROXIMATE_JACCARD_INDEX: similarity,
  APPROXIMATE_SIMILARITY: similarity,
};
