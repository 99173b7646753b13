import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { castTo } from '../emit/cast.js';
import { asNumber, asText } from '../emit/coerce.js';
import { collationKey, collationOf } from '../emit/collated.js';
import { groupingKey } from '../emit/grouped-instants.js';
import { jsonOf } from '../emit/text-casts.js';
import {
  ARRAY,
  BINARY,
  BOOLEAN,
  fixed,
  INTEGER,
  isSnowflakeType,
  OBJECT,
  REAL,
  TEXT,
  type Type,
  type Typed,
  typed,
} from '../emit/typed.js';
import type { StarExpr } from '../grammar/ast.js';
import { aggregate, fractionOf } from './aggregate-call.js';
import { APPROXIMATIONS } from './approximations.js';
import { exactAverage, movingAverage, spread } from './averages.js';
import { type Call, type FunctionTable, rule } from './call.js';
import { emitOver } from './window.js';

function count(call: Call): Typed {
  const type = fixed(18, 0);
  const [first] = call.node.args;
  const star = first?.value.kind === 'star' ? first.value : undefined;
  if (
    call.count === 0 ||
    (star !== undefined && star.qualifier.length === 0 && call.node.distinct !== true && !narrowed(star))
  )
    return typed(aggregate(call, 'count', ['*']), type);
  if (star !== undefined) return typed(aggregate(call, 'count', [completeRow(call.starredArgs())]), type);
  if (call.count === 1) {
    const value = call.arg(0);
    const key = call.node.distinct === true ? groupingKey(value) : undefined;
    return typed(aggregate(call, 'count', [key ?? value.sql]), type);
  }
  return typed(aggregate(call, 'count', [completeRow(call.args())]), type);
}

function narrowed(star: StarExpr): boolean {
  return star.exclude.length > 0 || star.ilike !== undefined;
}

/** The values as one, NULL where any of them is. */
function completeRow(values: readonly Typed[]): string {
  const all = values.map((value) => `${value.sql} IS NOT NULL`).join(' AND ');
  return `CASE WHEN ${all} THEN row(${values.map((value) => value.sql).join(', ')}) END`;
}

/** SUM keeps the scale and has 38 digits; over floats it is a float. */
function sum(call: Call): Typed {
  const value = call.measure(0);
  const type: Type =
    value.type.name === 'FIXED' ? fixed(38, value.type.scale) : value.type.name === 'NULL' ? INTEGER : value.type;
  return typed(aggregate(call, 'sum', [operandOf(value)]), type, value.type.name === 'REAL');
}

/** A literal counts as a decimal, so that its sum does too. */
function operandOf(value: Typed): string {
  return value.literal !== undefined && isSnowflakeType(value.type)
    ? `CAST(${value.sql} AS ${duckdbTypeOf(value.type)})`
    : value.sql;
}

/** AVG of exact numbers has six more digits after the point, up to twelve; over a window three more, and what is beyond is cut off. */
function avg(call: Call): Typed {
  const value = call.measure(0);
  if (value.type.name !== 'FIXED') {
    return typed(aggregate(call, 'avg', [value.sql]), value.type.name === 'NULL' ? REAL : value.type);
  }
  return call.node.over === undefined ? exactAverage(call, value, value.type) : movingAverage(call, value, value.type);
}

/** MIN and MAX of a VARIANT compare numbers as numbers. */
const extreme = (name: string, byKey?: string) =>
  rule(1, 1, (call) => {
    const value = call.arg(0);
    if (value.type.name === 'VARIANT' && byKey !== undefined) {
      return typed(aggregate(call, byKey, [value.sql, `_fn.sort_key(${value.sql})`]), value.type, true);
    }
    const collation = collationOf(value);
    if (collation !== undefined && byKey !== undefined)
      return typed(aggregate(call, byKey, [value.sql, collationKey(value.sql, collation)]), value.type, true);
    return typed(aggregate(call, name, [operandOf(value)]), value.type, value.exact === true);
  });

const statistic = (name: string) => rule(1, 1, (call) => typed(aggregate(call, name, [call.real(0)]), REAL, true));
const pairStatistic = (name: string) =>
  rule(2, 2, (call) =>
    // Where nothing varies DuckDB says NaN and Snowflake NULL.
    typed(`nullif(${aggregate(call, name, [call.real(0), call.real(1)])}, CAST('NaN' AS DOUBLE))`, REAL, true),
  );
const bits = (name: string) => rule(1, 1, (call) => typed(aggregate(call, name, [call.integer(0)]), INTEGER));

const byExtreme = (name: string) =>
  rule(2, 3, (call) => {
    const value = call.arg(0);
    if (call.has(2))
      return typed(`to_json(${aggregate(call, name, [jsonOf(value), call.sql(1), call.integer(2)])})`, ARRAY, true);
    return typed(aggregate(call, name, [operandOf(value), call.sql(1)]), value.type, value.exact === true);
  });

/** LISTAGG leaves NULLs out and gives an empty text where nothing is left. */
const listagg = rule(1, 2, (call) => {
  if (call.has(1) && call.arg(1).literal === undefined && call.arg(1).type.name !== 'UNKNOWN')
    throw call.error('001015', '22023', `argument 2 to function ${call.name} needs to be constant`);
  const delimiter = call.has(1) ? call.text(1) : "''";
  const order = call.node.distinct === true ? distinctOrder(call) : undefined;
  const args =
    order === undefined ? [call.text(0), delimiter] : [call.text(0), `${delimiter} ORDER BY ${call.text(0)} ${order}`];
  return typed(`coalesce(${aggregate(call, 'string_agg', args, { ordered: order === undefined })}, '')`, TEXT, true);
});

/** DuckDB orders a distinct aggregate only by the aggregated value itself. */
function distinctOrder(call: Call): string | undefined {
  const [item] = call.node.withinGroup ?? [];
  return item === undefined ? undefined : `${item.descending ? 'DESC' : 'ASC'} NULLS LAST`;
}

const arrayAgg = rule(1, 1, (call) => {
  const value = call.arg(0);
  const json = jsonOf(value);
  const order = call.node.distinct === true ? distinctOrder(call) : undefined;
  const args = [order === undefined ? json : `${json} ORDER BY ${json} ${order}`];
  return typed(
    `coalesce(to_json(${aggregate(call, 'list', args, { ordered: order === undefined, where: `${value.sql} IS NOT NULL` })}), '[]'::JSON)`,
    ARRAY,
    true,
  );
});

const arrayUnique = rule(1, 1, (call) => {
  const json = jsonOf(call.arg(0));
  return typed(
    `coalesce(to_json(list_distinct(${aggregate(call, 'list', [json], { where: `${call.sql(0)} IS NOT NULL` })})), '[]'::JSON)`,
    ARRAY,
    true,
  );
});

const objectAgg = rule(2, 2, (call) => {
  const where = `${call.sql(0)} IS NOT NULL AND ${call.sql(1)} IS NOT NULL`;
  const entries = aggregate(call, 'list', [`{'k': ${call.text(0)}, 'v': ${jsonOf(call.arg(1))}}`], { where });
  return typed(`coalesce(_fn.object_of(_fn.distinct_entries(${entries})), '{}'::JSON)`, OBJECT, true);
});

function isMoment(type: Type): boolean {
  return ['DATE', 'TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ'].includes(type.name);
}

/** PERCENTILE_CONT and PERCENTILE_DISC take their value from WITHIN GROUP. */
const percentile = (name: string) =>
  rule(1, 1, (call) => {
    const [item] = call.node.withinGroup ?? [];
    if (item === undefined)
      throw call.error('002076', '42601', `function ${call.name} requires WITHIN GROUP (ORDER BY …)`);
    const discrete = name === 'quantile_disc';
    const given = call.cx.expression(item.expr, call.cx);
    const value = discrete && isMoment(given.type) ? given : asNumber(given, REAL);
    const share = fractionOf(call, 0);
    // DuckDB counts from the greatest value where the fraction is negative, and takes -0 for 0.
    const backwards = discrete ? `CASE WHEN ${share} = 0 THEN 1 ELSE -(${share}) END` : `1 - ${share}`;
    const fraction = item.descending ? backwards : share;
    const source = discrete ? value.sql : `CAST(${value.sql} AS DOUBLE)`;
    const sql = `${name}(${source}, ${fraction})${call.node.filter === undefined ? '' : ` FILTER (WHERE ${call.cx.expression(call.node.filter, call.cx).sql})`}${emitOver(call)}`;
    if (discrete) return typed(sql, value.type, value.exact === true);
    return continuous(sql, value.type);
  });

function continuous(sql: string, type: Type): Typed {
  if (type.name !== 'FIXED') return typed(sql, REAL, true);
  const exact = fixed(38, Math.min(type.scale + 3, 37));
  return typed(`CAST(${sql} AS ${duckdbTypeOf(exact)})`, exact, true);
}

export const AGGREGATES: FunctionTable = {
  COUNT: rule(0, 99, count),
  COUNT_IF: rule(1, 1, (call) =>
    typed(aggregate(call, 'count', [`CASE WHEN ${call.boolean(0)} THEN 1 END`]), fixed(18, 0)),
  ),
  SUM: rule(1, 1, sum),
  AVG: rule(1, 1, avg),
  MIN: extreme('min', 'min_by'),
  MAX: extreme('max', 'max_by'),
  ANY_VALUE: extreme('any_value'),
  MODE: extreme('mode'),
  MIN_BY: byExtreme('min_by'),
  MAX_BY: byExtreme('max_by'),
  MEDIAN: rule(1, 1, (call) => continuous(aggregate(call, 'median', [call.real(0)]), call.measure(0).type)),
  STDDEV: rule(1, 1, (call) => spread(call, 'stddev_samp')),
  STDDEV_SAMP: rule(1, 1, (call) => spread(call, 'stddev_samp')),
  STDDEV_POP: rule(1, 1, (call) => spread(call, 'stddev_pop')),
  VARIANCE: rule(1, 1, (call) => spread(call, 'var_samp')),
  VAR_SAMP: rule(1, 1, (call) => spread(call, 'var_samp')),
  VARIANCE_SAMP: rule(1, 1, (call) => spread(call, 'var_samp')),
  VAR_POP: rule(1, 1, (call) => spread(call, 'var_pop')),
  VARIANCE_POP: rule(1, 1, (call) => spread(call, 'var_pop')),
  SKEW: statistic('skewness'),
  KURTOSIS: statistic('kurtosis'),
  CORR: pairStatistic('corr'),
  COVAR_POP: pairStatistic('covar_pop'),
  COVAR_SAMP: pairStatistic('covar_samp'),
  REGR_SLOPE: pairStatistic('regr_slope'),
  REGR_INTERCEPT: pairStatistic('regr_intercept'),
  REGR_R2: pairStatistic('regr_r2'),
  REGR_COUNT: rule(2, 2, (call) => typed(aggregate(call, 'regr_count', [call.real(0), call.real(1)]), INTEGER)),
  REGR_AVGX: pairStatistic('regr_avgx'),
  REGR_AVGY: pairStatistic('regr_avgy'),
  REGR_SXX: pairStatistic('regr_sxx'),
  REGR_SXY: pairStatistic('regr_sxy'),
  REGR_SYY: pairStatistic('regr_syy'),
  LISTAGG: listagg,
  STRING_AGG: listagg,
  ARRAY_AGG: arrayAgg,
  ARRAYAGG: arrayAgg,
  ARRAY_UNIQUE_AGG: arrayUnique,
  OBJECT_AGG: objectAgg,
  PERCENTILE_CONT: percentile('quantile_cont'),
  PERCENTILE_DISC: percentile('quantile_disc'),
  ...APPROXIMATIONS,
  BITMAP_CONSTRUCT_AGG: rule(1, 1, (call) =>
    typed(`CAST(${aggregate(call, 'bitstring_agg', [call.integer(0), '0', '32767'])} AS BLOB)`, BINARY, true),
  ),
  BITMAP_OR_AGG: rule(1, 1, (call) =>
    typed(
      `CAST(${aggregate(call, 'bit_or', [`CAST(${castTo(call.arg(0), BINARY).sql} AS BIT)`])} AS BLOB)`,
      BINARY,
      true,
    ),
  ),
  BITMAP_AND_AGG: rule(1, 1, (call) =>
    typed(
      `CAST(${aggregate(call, 'bit_and', [`CAST(${castTo(call.arg(0), BINARY).sql} AS BIT)`])} AS BLOB)`,
      BINARY,
      true,
    ),
  ),
  BOOLAND_AGG: rule(1, 1, (call) => typed(aggregate(call, 'bool_and', [call.boolean(0)]), BOOLEAN, true)),
  BOOLOR_AGG: rule(1, 1, (call) => typed(aggregate(call, 'bool_or', [call.boolean(0)]), BOOLEAN, true)),
  BOOLXOR_AGG: rule(1, 1, (call) => typed(`(${aggregate(call, 'count_if', [call.boolean(0)])} = 1)`, BOOLEAN, true)),
  BITAND_AGG: bits('bit_and'),
  BITANDAGG: bits('bit_and'),
  BIT_AND_AGG: bits('bit_and'),
  BIT_ANDAGG: bits('bit_and'),
  BITOR_AGG: bits('bit_or'),
  BITORAGG: bits('bit_or'),
  BIT_OR_AGG: bits('bit_or'),
  BIT_ORAGG: bits('bit_or'),
  BITXOR_AGG: bits('bit_xor'),
  BITXORAGG: bits('bit_xor'),
  BIT_XOR_AGG: bits('bit_xor'),
  BIT_XORAGG: bits('bit_xor'),
  ARRAY_UNION_AGG: rule(1, 1, (call) => {
    const lists = aggregate(call, 'list', [`_fn.elements(${call.array(0)})`], { where: `${call.sql(0)} IS NOT NULL` });
    return typed(`coalesce(to_json(list_distinct(flatten(${lists}))), '[]'::JSON)`, ARRAY, true);
  }),
  HASH_AGG: rule(1, 99, (call) =>
    typed(`CAST(bit_xor(hash(${call.starredArgs().map(asText).join(', ')})) AS HUGEINT)${emitOver(call)}`, INTEGER),
  ),
  GROUPING: rule(1, 99, (call) =>
    typed(
      `grouping(${call
        .args()
        .map((arg) => arg.sql)
        .join(', ')})`,
      INTEGER,
    ),
  ),
  GROUPING_ID: rule(1, 99, (call) =>
    typed(
      `grouping(${call
        .args()
        .map((arg) => arg.sql)
        .join(', ')})`,
      INTEGER,
    ),
  ),
};
