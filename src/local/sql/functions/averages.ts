import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { divideExactly } from '../emit/division.js';
import { arithmeticType } from '../emit/operators.js';
import { fixed, REAL, type Typed, typed } from '../emit/typed.js';
import { aggregate } from './aggregate-call.js';
import type { Call } from './call.js';

type Fixed = Extract<SnowflakeType, { name: 'FIXED' }>;

/** Whole numbers whose sum as a HUGEINT has room for the zeros of the result's scale. */
const MOST_EXACT_SCALE = 9;

const decimal = (sql: string, type: Fixed): { sql: string; type: Fixed } => ({
  sql: `CAST(${sql} AS ${duckdbTypeOf(type)})`,
  type,
});

/** The sum divided by the count, with the scale that "Arithmetic operators" gives a quotient. DuckDB's own average is a double. */
export function exactAverage(call: Call, value: Typed, of: Fixed): Typed {
  const type = fixed(38, Math.max(of.scale, Math.min(of.scale + 6, 12))) as Fixed;
  const total = decimal(aggregate(call, 'sum', [decimal(value.sql, of).sql]), fixed(38, of.scale) as Fixed);
  return divideExactly(total, decimal(aggregate(call, 'count', [value.sql]), fixed(18, 0) as Fixed), type);
}

/** Over a window AVG has three digits more than its argument, and what is beyond them is cut off, not rounded. */
export function movingAverage(call: Call, value: Typed, of: Fixed): Typed {
  const type = fixed(38, of.scale + 3) as Fixed;
  if (of.scale > MOST_EXACT_SCALE) {
    const mean = aggregate(call, 'avg', [value.sql]);
    return typed(`CAST(_fn.trunc_places(${mean}, ${type.scale}) AS ${duckdbTypeOf(type)})`, type, true);
  }
  const total = aggregate(call, 'sum', [decimal(value.sql, of).sql]);
  const digits = `CAST(${total} * ${10n ** BigInt(of.scale)}::HUGEINT AS HUGEINT) * 1000::HUGEINT`;
  const mean = `${digits} // ${aggregate(call, 'count', [value.sql])}`;
  const unit = `CAST('1e-${type.scale}' AS DECIMAL(37, ${type.scale}))`;
  return typed(`CAST(CAST(${mean} AS DECIMAL(38, 0)) * ${unit} AS ${duckdbTypeOf(type)})`, type, true);
}

/**
 * VARIANCE and STDDEV with their kin. The variance of exact numbers is exact, with the scale of a quotient of their squares; the
 * deviation is the root of that, as a float.
 */
export function spread(call: Call, name: 'var_samp' | 'var_pop' | 'stddev_samp' | 'stddev_pop'): Typed {
  const value = call.measure(0);
  if (value.type.name !== 'FIXED') return typed(aggregate(call, name, [call.real(0)]), REAL, true);
  const variance = varianceOf(call, value, value.type, name.endsWith('samp'));
  return name.startsWith('var') ? variance : typed(`sqrt(CAST(${variance.sql} AS DOUBLE))`, REAL, true);
}

function varianceOf(call: Call, value: Typed, of: Fixed, sample: boolean): Typed {
  const square = arithmeticType('*', of, of) as Fixed;
  const type = fixed(38, Math.max(square.scale, Math.min(square.scale + 6, 12))) as Fixed;
  const approximate = aggregate(call, sample ? 'var_samp' : 'var_pop', [`CAST(${value.sql} AS DOUBLE)`]);
  if (call.node.distinct === true || square.scale !== 2 * of.scale) {
    return typed(`CAST(${approximate} AS ${duckdbTypeOf(type)})`, type, true);
  }
  const x = `CAST(${value.sql} AS DECIMAL(38, ${of.scale}))`;
  const sums = {
    squares: aggregate(call, 'sum', [`${x} * ${x}`]),
    total: aggregate(call, 'sum', [x]),
    rows: aggregate(call, 'count', [value.sql]),
  };
  // A dot behind the name would make it a column's where the query has one of that name.
  const summed = (field: string): string => `struct_extract(s, '${field}')`;
  const exact = divideExactly(
    decimal(
      `(${summed('squares')} * ${summed('rows')} - ${summed('total')} * ${summed('total')})`,
      fixed(38, square.scale) as Fixed,
    ),
    decimal(`${summed('rows')} * ${sample ? `(${summed('rows')} - 1)` : summed('rows')}`, fixed(36, 0) as Fixed),
    type,
  );
  // Beyond 38 digits only doubles are left.
  const fits = `CAST(${summed('squares')} AS DOUBLE) * ${summed('rows')} < 1e${37 - square.scale}`;
  const fields = `'squares': ${sums.squares}, 'total': ${sums.total}, 'rows': CAST(${sums.rows} AS HUGEINT), 'near': ${approximate}`;
  const result = `CASE WHEN ${summed('near')} IS NULL THEN NULL WHEN ${fits} THEN ${exact.sql} ELSE CAST(${summed('near')} AS ${duckdbTypeOf(type)}) END`;
  return typed(`list_transform([{${fields}}], lambda s: ${result})[1]`, type, true);
}
