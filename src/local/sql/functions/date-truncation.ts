import { asNtz } from '../emit/coerce.js';
import { DATE, isTimestamp, LTZ, NTZ, TIME, type Typed, TZ, typed } from '../emit/typed.js';
import { type Call, rule } from './call.js';
import { moment, noPart, PARTS, partOf, SUB_DAY, unitOf, weekStart } from './date-parts.js';
import { truncatedNumber } from './numeric.js';

/** DuckDB's names of the parts that count by ISO weeks. */
const ISO_UNITS: Readonly<Record<string, string>> = { weekiso: 'week', yearofweekiso: 'isoyear' };

/** DATE_TRUNC(part, value), also written TRUNC(value, part): the type stays. */
function truncated(unit: string, value: Typed, call: Call): Typed {
  const { type } = value;
  const shift = unit === 'week' ? weekStart(call) - 1 : 0;
  const cut = (sql: string): string =>
    unit === 'nanosecond'
      ? sql
      : shift === 0
        ? `date_trunc('${ISO_UNITS[unit] ?? unit}', ${sql})`
        : `(date_trunc('week', ${sql} - to_days(${shift})) + to_days(${shift}))`;
  switch (type.name) {
    case 'DATE':
      return SUB_DAY.has(unit) ? value : typed(`CAST(${cut(value.sql)} AS DATE)`, DATE, true);
    case 'TIME':
      if (!SUB_DAY.has(unit)) throw call.wrongTypes();
      return typed(`CAST(date_trunc('${unit}', DATE '2000-01-01' + ${value.sql}) AS TIME)`, TIME, true);
    case 'TIMESTAMP_TZ':
      return typed(`_fn.tz_of_local(${cut(asNtz(value))}, struct_extract(${value.sql}, 'offset_min'))`, TZ, true);
    case 'TIMESTAMP_LTZ':
      return typed(`CAST(${cut(asNtz(value))} AS TIMESTAMPTZ)`, LTZ, true);
    default:
      return typed(cut(asNtz(value)), NTZ, true);
  }
}

/** Whether the argument is a part's name, written as a word. */
function isPartWord(call: Call, i: number): boolean {
  const expr = call.expr(i);
  return expr.kind === 'column' && expr.parts.length === 1 && (expr.parts[0]?.name.toLowerCase() ?? '') in PARTS;
}

export const dateTrunc = rule(2, 2, (call) => {
  const second = call.expr(1);
  const swapped =
    call.expr(0).kind !== 'string' && !isPartWord(call, 0) && (second.kind === 'string' || isPartWord(call, 1));
  return swapped
    ? truncated(unitOf(call, 1, true), moment(call, 0), call)
    : truncated(unitOf(call, 0, true), moment(call, 1), call);
});

/** How long the parts are of which LAST_DAY gives the end; a year of ISO weeks is found by the beginning of the next. */
const LENGTHS: Readonly<Record<string, string>> = {
  year: 'to_years(1)',
  quarter: 'to_months(3)',
  month: 'to_months(1)',
  week: 'to_weeks(1)',
  weekiso: 'to_weeks(1)',
  day: 'to_days(1)',
};

export const lastDay = rule(1, 2, (call) => {
  const part = call.has(1) ? unitOf(call, 1, true) : 'month';
  const value = typed(call.date(0), DATE, true);
  const start = truncated(part, value, call).sql;
  if (part === 'yearofweekiso')
    return typed(`CAST(date_trunc('isoyear', ${start} + to_days(370)) - to_days(1) AS DATE)`, DATE, true);
  const length = LENGTHS[part];
  if (length === undefined) throw noPart(call, 1);
  return typed(`CAST(${start} + ${length} - to_days(1) AS DATE)`, DATE, true);
});

const SLICES = new Set(['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second']);

export const timeSlice = rule(3, 4, (call) => {
  const part = partOf(call, 2);
  const end = call.has(3) && call.word(3) === 'END';
  const value = moment(call, 0);
  if (!SLICES.has(part))
    throw call.error(
      '001032',
      '22023',
      `'${call.word(2)}' is not a valid date/time component for function ${call.name}.`,
    );
  if (Number(call.arg(1).literal) < 1)
    throw call.error(
      '001015',
      '22023',
      `the slice length of ${call.name} must be at least 1, not ${call.arg(1).literal}`,
    );
  const width = `to_${part}s(CAST(${call.integer(1)} AS ${SUB_DAY.has(part) ? 'BIGINT' : 'INTEGER'}))`;
  const origin = part === 'week' ? `TIMESTAMP '1969-12-29'` : `TIMESTAMP '1970-01-01'`;
  const sql = `time_bucket(${width}, ${asNtz(value)}, ${origin})${end ? ` + ${width}` : ''}`;
  switch (value.type.name) {
    case 'DATE':
      return typed(`CAST(${sql} AS DATE)`, DATE, true);
    case 'TIMESTAMP_LTZ':
      return typed(`CAST(${sql} AS TIMESTAMPTZ)`, LTZ, true);
    case 'TIMESTAMP_TZ':
      return typed(`_fn.tz_of_local(${sql}, struct_extract(${value.sql}, 'offset_min'))`, TZ, true);
    default:
      return typed(`(${sql})`, NTZ, true);
  }
});

export function truncOf(call: Call): Typed {
  const value = call.arg(0);
  const { name } = value.type;
  const isMoment = name === 'DATE' || name === 'TIME' || isTimestamp(value.type);
  if (!isMoment && !(call.has(1) && typeof call.arg(1).literal === 'string')) return truncatedNumber(call);
  return truncated(call.has(1) ? partOf(call, 1) : 'day', moment(call, 0), call);
}
