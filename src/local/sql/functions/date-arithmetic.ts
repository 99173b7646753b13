import { asLtz, asNtz } from '../emit/coerce.js';
import { DATE, INTEGER, LTZ, NTZ, type Typed, TZ, typed } from '../emit/typed.js';
import { type Call, rule } from './call.js';
import { moment, SUB_DAY, unitOf, weekStart } from './date-parts.js';

/** DATEADD: months and years keep the day within the month; a DATE stays one unless hours or less are added. */
export const dateAdd = rule(3, 3, (call) => {
  const part = unitOf(call, 0, false);
  const value = moment(call, 2);
  const given = call.number(1);
  const rounded =
    given.type.name === 'FIXED' && given.type.scale === 0 ? call.integer(1) : `CAST(round(${given.sql}) AS BIGINT)`;
  if (part === 'nanosecond' && value.type.name === 'TIMESTAMP_NTZ') return withNanoseconds(value, rounded);
  const interval =
    part === 'nanosecond'
      ? `to_microseconds(CAST(round(${rounded} / 1000) AS BIGINT))`
      : part === 'quarter'
        ? `to_months(CAST(3 * (${rounded}) AS INTEGER))`
        : part === 'week'
          ? `to_weeks(CAST(${rounded} AS INTEGER))`
          : part === 'year' || part === 'month' || part === 'day'
            ? `to_${part}s(CAST(${rounded} AS INTEGER))`
            : `to_${part}s(${part === 'second' ? `CAST(${rounded} AS DOUBLE)` : `CAST(${rounded} AS ${part === 'millisecond' ? 'DOUBLE' : 'BIGINT'})`})`;
  return shifted(value, interval, SUB_DAY.has(part));
});

/** A TIMESTAMP_NTZ and nanoseconds added to it. */
export function withNanoseconds(value: Typed, count: string): Typed {
  const nanoseconds = `make_timestamp_ns(epoch_ns(${value.nanoseconds ?? value.sql}) + CAST(${count} AS BIGINT))`;
  return { ...typed(`CAST(${nanoseconds} AS TIMESTAMP)`, NTZ, true), nanoseconds };
}

function shifted(value: Typed, interval: string, subDay: boolean): Typed {
  switch (value.type.name) {
    case 'DATE':
      return subDay
        ? typed(`(${value.sql} + ${interval})`, NTZ, true)
        : typed(`CAST(${value.sql} + ${interval} AS DATE)`, DATE, true);
    case 'TIMESTAMP_TZ':
      return typed(`_fn.tz_shift(${value.sql}, ${interval})`, value.type, true);
    case 'TIMESTAMP_LTZ':
      return typed(`(${value.sql} + ${interval})`, value.type, true);
    default:
      return typed(`(${value.sql} + ${interval})`, value.type, true);
  }
}

/** DATEDIFF counts the boundaries crossed, as DuckDB's date_diff does; weeks begin where WEEK_START says. */
export const dateDiff = rule(3, 3, (call) => {
  const part = unitOf(call, 0, false);
  return difference(part, moment(call, 1), moment(call, 2), call);
});

function difference(part: string, from: Typed, to: Typed, call: Call): Typed {
  const times = from.type.name === 'TIME' && to.type.name === 'TIME';
  const zoned = ['TIMESTAMP_TZ', 'TIMESTAMP_LTZ'];
  const instants = SUB_DAY.has(part) && zoned.includes(from.type.name) && zoned.includes(to.type.name);
  const side = (value: Typed): string => (times ? value.sql : instants ? asLtz(value) : asNtz(value));
  const exact = (value: Typed): string | undefined =>
    value.nanoseconds ?? (value.type.name === 'TIMESTAMP_NTZ' ? value.sql : undefined);
  if (part === 'nanosecond' && exact(from) !== undefined && exact(to) !== undefined)
    return typed(`(CAST(epoch_ns(${exact(to)}) AS HUGEINT) - epoch_ns(${exact(from)}))`, INTEGER);
  if (part === 'nanosecond')
    return typed(`(CAST(date_diff('microsecond', ${side(from)}, ${side(to)}) AS HUGEINT) * 1000)`, INTEGER);
  if (part === 'week') {
    const shift = weekStart(call) - 1;
    const monday = (value: Typed): string => `date_trunc('week', CAST(${side(value)} AS DATE) - ${shift})`;
    return typed(`(date_diff('day', ${monday(from)}, ${monday(to)}) // 7)`, INTEGER);
  }
  return typed(`date_diff('${part}', ${side(from)}, ${side(to)})`, INTEGER);
}

/** ADD_MONTHS: the last day of a month stays the last day. */
export const addMonths = rule(2, 2, (call) => {
  const value = moment(call, 0);
  const months = `CAST(round(${call.number(1).sql}) AS INTEGER)`;
  if (value.type.name === 'DATE') return typed(`CAST(_fn.add_months(${value.sql}, ${months}) AS DATE)`, DATE, true);
  if (value.type.name === 'TIMESTAMP_TZ')
    return typed(
      `_fn.tz_of_local(_fn.add_months(${asNtz(value)}, ${months}), struct_extract(${value.sql}, 'offset_min'))`,
      TZ,
      true,
    );
  if (value.type.name === 'TIMESTAMP_LTZ')
    return typed(`CAST(_fn.add_months(${asNtz(value)}, ${months}) AS TIMESTAMPTZ)`, LTZ, true);
  return typed(`_fn.add_months(${asNtz(value)}, ${months})`, NTZ, true);
});

export const monthsBetween = rule(2, 2, (call) =>
  typed(`_fn.months_between(${call.ntz(0)}, ${call.ntz(1)})`, { name: 'REAL' }, true),
);
