import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { castTo } from '../emit/cast.js';
import { arithmetic, arithmeticType, operand } from '../emit/operators.js';
import { BINARY, fixed, INTEGER, isSnowflakeType, REAL, type Typed, typed } from '../emit/typed.js';
import { type Call, type FunctionTable, rule } from './call.js';

const real = (name: string) => rule(1, 1, (call) => typed(`${name}(${call.real(0)})`, REAL, true));
/** Arguments up to so long are named several times, to be shown where the function has no value for them. */
const SHORT_ARGUMENT = 60;

/** A function of floats whose error shows the call. Of long arguments, DuckDB's own: each would be computed several times. */
function checked(name: string, ...args: readonly string[]): Typed {
  const short = args.every((arg) => arg.length <= SHORT_ARGUMENT && !arg.includes('_fn.'));
  return typed(`${short ? '_fn.real_' : ''}${name}(${args.join(', ')})`, REAL, true);
}
const checkedReal = (name: string) => rule(1, 1, (call) => checked(name, call.real(0)));

const integer = (name: string, count = 1) =>
  rule(count, count, (call) =>
    typed(`${name}(${Array.from({ length: count }, (_, i) => call.integer(i)).join(', ')})`, INTEGER),
  );

/** CEIL, FLOOR, ROUND and TRUNC of exact numbers are exact; a computed scale keeps the argument's, and counts on 15 digits. */
function rounding(macro: string) {
  return (call: Call): Typed => {
    const value = call.number(0);
    const mode = macro === 'round' && call.has(2) ? call.word(2) : 'HALF_AWAY_FROM_ZERO';
    if (mode !== 'HALF_TO_EVEN' && mode !== 'HALF_AWAY_FROM_ZERO')
      throw call.error('001015', '22023', "the rounding mode must be 'HALF_AWAY_FROM_ZERO' or 'HALF_TO_EVEN'");
    const fn = mode === 'HALF_TO_EVEN' ? 'round_even' : macro;
    const given = call.has(1) ? call.number(1) : undefined;
    if (given?.literal === null) return typed('NULL', value.type.name === 'NULL' ? INTEGER : value.type);
    const places = given?.literal === undefined ? given : { ...given, literal: Math.round(Number(given.literal)) };
    if (value.type.name === 'FIXED') {
      if (places !== undefined && typeof places.literal !== 'number') {
        return typed(
          `CAST(_fn.${fn}_places(CAST(${value.sql} AS DOUBLE), CAST(round(${places.sql}) AS INTEGER)) AS ${duckdbTypeOf(fixed(38, value.type.scale))})`,
          fixed(38, value.type.scale),
          true,
        );
      }
      const digits = typeof places?.literal === 'number' ? places.literal : 0;
      const scale = Math.max(0, Math.min(value.type.scale, digits));
      const type = fixed(value.type.precision - value.type.scale + 1 + scale, scale);
      if (digits >= value.type.scale) return typed(`CAST(${value.sql} AS ${duckdbTypeOf(type)})`, type, true);
      return typed(`CAST(_fn.${fn}_places(${operand(value)}, ${digits}) AS ${duckdbTypeOf(type)})`, type, true);
    }
    const digits =
      places === undefined
        ? '0'
        : typeof places.literal === 'number'
          ? String(places.literal)
          : `CAST(round(${places.sql}) AS INTEGER)`;
    return typed(`CAST(_fn.${fn}_places(CAST(${value.sql} AS DOUBLE), ${digits}) AS DOUBLE)`, REAL, true);
  };
}

function same(emit: (sql: string) => string) {
  return rule(1, 1, (call) => {
    const value = call.number(0);
    return typed(emit(operand(value)), value.type);
  });
}

function div0(call: Call, nullToo: boolean): Typed {
  const a = call.number(0);
  const b = call.number(1);
  const type = arithmeticType('/', a.type, b.type);
  const zero = nullToo ? `coalesce(${b.sql}, 0) = 0` : `${b.sql} = 0`;
  const quotient = arithmetic('/', a, {
    ...b,
    sql: `nullif(${operand(b)}, 0)`,
    literal: undefined,
  } as unknown as Typed);
  const sql = `CASE WHEN ${zero} AND ${a.sql} IS NOT NULL THEN 0 ELSE ${quotient.sql} END`;
  return isSnowflakeType(type) ? typed(`CAST(${sql} AS ${duckdbTypeOf(type)})`, type, true) : typed(sql, type);
}

/** UNIFORM(min, max, gen): the generator's value decides, NULL-free; both ends included. */
function uniform(call: Call): Typed {
  const low = call.number(0);
  const high = call.number(1);
  const whole =
    low.type.name === 'FIXED' && low.type.scale === 0 && high.type.name === 'FIXED' && high.type.scale === 0;
  const unit = unitOf(call, 2);
  if (whole) return typed(`CAST(floor(${unit} * (${high.sql} - ${low.sql} + 1)) + ${low.sql} AS BIGINT)`, INTEGER);
  return typed(`(${unit} * (${high.sql} - ${low.sql}) + ${low.sql})`, REAL);
}

/** ZIPF(s, N, gen): the rank of 1 to N at which the distribution's sum passes the drawn number. */
function zipf(call: Call): Typed {
  const count = call.arg(1).literal;
  if (typeof count !== 'number' || count < 1 || count > 16_777_215 || !Number.isInteger(count))
    throw call.error(
      '001015',
      '22023',
      `argument 2 to function ${call.name} needs to be a constant from 1 to 16777215`,
    );
  return typed(`_fn.zipf(${call.real(0)}, ${count}, ${unitOf(call, 2)})`, INTEGER);
}

/** A number from 0 to below 1 of a generator's value. */
function unitOf(call: Call, i: number): string {
  const source = call.expr(i);
  const drawn = source.kind === 'call' && source.name[0] === 'RANDOM' && source.args.length === 0;
  return drawn ? 'random()' : `_fn.unit_interval(${call.sql(i)})`;
}

function bytes(call: Call): string {
  return call.arg(0).type.name === 'BINARY' ? call.sql(0) : `_fn.hex_bytes(${call.text(0)})`;
}

/** RANDOM(seed) gives each row of a generator, and a query without a table, the same number again. */
function random(call: Call): Typed {
  const sources = call.cx.frame?.sources ?? [];
  const row = sources.find((source) => source.row !== undefined)?.row;
  if (!call.has(0) || (row === undefined && sources.length > 0)) return typed('_fn.random_integer()', INTEGER);
  return typed(`_fn.signed_hash(hash(${call.integer(0)}, ${row ?? '0'}))`, INTEGER);
}

const isBinary = (call: Call): boolean => call.arg(0).type.name === 'BINARY';

/** BITAND and its kin over numbers, or over bytes of one length; a third argument LEFT or RIGHT says where the shorter is filled up with zeros. */
const bitwise = (operator: (a: string, b: string) => string) =>
  rule(2, 3, (call) => {
    if (!isBinary(call)) return typed(operator(call.integer(0), call.integer(1)), INTEGER);
    const sides = [call.sql(0), castTo(call.arg(1), BINARY).sql];
    const side = call.has(2) ? call.word(2) : undefined;
    if (side !== undefined && side !== 'LEFT' && side !== 'RIGHT')
      throw call.error('001015', '22023', "the padding of a bitwise function must be 'LEFT' or 'RIGHT'");
    const [a = '', b = ''] =
      side === undefined ? sides : sides.map((sql, i) => padded(sql, sides[1 - i] as string, side));
    return typed(
      `_fn.same_length(${a}, ${b}, CAST(${operator(`CAST(${a} AS BIT)`, `CAST(${b} AS BIT)`)} AS BLOB))`,
      BINARY,
      true,
    );
  });

function padded(sql: string, other: string, side: 'LEFT' | 'RIGHT'): string {
  return `_fn.zero_${side.toLowerCase()}(${sql}, ${other})`;
}

const shift = (operator: '<<' | '>>') =>
  rule(2, 2, (call) => {
    const count = `CAST(${call.integer(1)} AS INTEGER)`;
    if (isBinary(call)) return typed(`CAST((CAST(${call.sql(0)} AS BIT) ${operator} ${count}) AS BLOB)`, BINARY, true);
    return typed(`_fn.${operator === '<<' ? 'shift_left' : 'shift_right'}(${call.integer(0)}, ${count})`, INTEGER);
  });

const BITWISE: FunctionTable = {
  BITAND: bitwise((a, b) => `(${a} & ${b})`),
  BITOR: bitwise((a, b) => `(${a} | ${b})`),
  BITXOR: bitwise((a, b) => `xor(${a}, ${b})`),
  BITNOT: rule(1, 1, (call) =>
    isBinary(call)
      ? typed(`CAST(~ CAST(${call.sql(0)} AS BIT) AS BLOB)`, BINARY, true)
      : typed(`(~ CAST(${call.integer(0)} AS BIGINT))`, INTEGER),
  ),
  BITSHIFTLEFT: shift('<<'),
  BITSHIFTRIGHT: shift('>>'),
};

/** Each bitwise function has a second name with an underscore: BIT_AND, BIT_SHIFTLEFT. */
const BITWISE_SYNONYMS: FunctionTable = Object.fromEntries(
  Object.entries(BITWISE).map(([name, entry]) => [name.replace('BIT', 'BIT_'), entry]),
);

/** TRUNC of a number; of a date it is another function. */
export const truncatedNumber = rounding('trunc');

export const NUMERIC: FunctionTable = {
  ...BITWISE,
  ...BITWISE_SYNONYMS,
  ABS: same((sql) => `abs(${sql})`),
  SIGN: rule(1, 1, (call) => typed(`sign(${call.number(0).sql})`, fixed(1, 0))),
  CEIL: rule(1, 2, rounding('ceil')),
  CEILING: rule(1, 2, rounding('ceil')),
  FLOOR: rule(1, 2, rounding('floor')),
  ROUND: rule(1, 3, rounding('round'), ['EXPR', 'SCALE', 'ROUNDING_MODE']),
  TRUNCATE: rule(1, 2, truncatedNumber),
  MOD: rule(2, 2, (call) => arithmetic('%', call.arg(0), call.arg(1))),
  DIV0: rule(2, 2, (call) => div0(call, false)),
  DIV0NULL: rule(2, 2, (call) => div0(call, true)),
  SQRT: rule(1, 1, (call) => checked('sqrt', call.real(0))),
  CBRT: rule(1, 1, (call) => typed(`_fn.cube_root(${call.real(0)})`, REAL, true)),
  EXP: checkedReal('exp'),
  LN: checkedReal('ln'),
  LOG: rule(1, 2, (call) => {
    if (!call.has(1)) return checked('ln', call.real(0));
    const [base, value] = [call.real(0), call.real(1)];
    const log = checked('log', base, value);
    return log.sql.startsWith('_fn.') ? log : typed(`(ln(${value}) / ln(${base}))`, REAL, true);
  }),
  POWER: rule(2, 2, (call) => checked('pow', call.real(0), call.real(1))),
  POW: rule(2, 2, (call) => checked('pow', call.real(0), call.real(1))),
  SQUARE: rule(1, 1, (call) => typed(`pow(${call.real(0)}, 2)`, REAL, true)),
  SIN: real('sin'),
  COS: real('cos'),
  TAN: real('tan'),
  COT: real('cot'),
  ASIN: checkedReal('asin'),
  ACOS: checkedReal('acos'),
  ATAN: real('atan'),
  SINH: real('sinh'),
  COSH: real('cosh'),
  TANH: real('tanh'),
  ASINH: real('asinh'),
  ACOSH: checkedReal('acosh'),
  ATANH: checkedReal('atanh'),
  ATAN2: rule(2, 2, (call) => typed(`atan2(${call.real(0)}, ${call.real(1)})`, REAL, true)),
  DEGREES: real('degrees'),
  RADIANS: real('radians'),
  PI: rule(0, 0, () => typed('pi()', REAL, true)),
  FACTORIAL: rule(1, 1, (call) => typed(`CAST(factorial(CAST(${call.integer(0)} AS INTEGER)) AS HUGEINT)`, INTEGER)),
  HAVERSINE: rule(4, 4, (call) =>
    typed(`_fn.haversine(${[0, 1, 2, 3].map((i) => call.real(i)).join(', ')})`, REAL, true),
  ),
  WIDTH_BUCKET: rule(4, 4, (call) =>
    typed(`_fn.width_bucket(${call.real(0)}, ${call.real(1)}, ${call.real(2)}, ${call.integer(3)})`, INTEGER),
  ),
  GETBIT: rule(2, 2, (call) =>
    typed(`((CAST(${call.integer(0)} AS BIGINT) >> CAST(${call.integer(1)} AS INTEGER)) & 1)`, INTEGER),
  ),
  BITCOUNT: integer('bit_count'),
  BITMAP_BIT_POSITION: rule(1, 1, (call) => typed(`_fn.bitmap_bit_position(${call.integer(0)})`, INTEGER)),
  BITMAP_BUCKET_NUMBER: rule(1, 1, (call) => typed(`_fn.bitmap_bucket_number(${call.integer(0)})`, INTEGER)),
  BITMAP_COUNT: rule(1, 1, (call) => typed(`bit_count(CAST(${bytes(call)} AS BIT))`, INTEGER)),
  RANDOM: rule(0, 1, random),
  ZIPF: rule(3, 3, zipf),
  UNIFORM: rule(3, 3, uniform),
  NORMAL: rule(3, 3, (call) =>
    typed(`(${call.real(0)} + ${call.real(1)} * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))`, REAL, true),
  ),
};
