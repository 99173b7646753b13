import { castTo } from '../emit/cast.js';
import { asLtz, asNtz } from '../emit/coerce.js';
import { DATE, INTEGER, isTimestamp, LTZ, NTZ, TEXT, TIME, type Typed, TZ, typed } from '../emit/typed.js';
import { type Call, type FunctionTable, rule } from './call.js';
import { truncatedNumber } from './numeric.js';

/** CURRENT_DATE, the only one of its kind whose results may be used again, until the day is over. */
export const TODAY = 'CAST(CAST(now() AS TIMESTAMP) AS DATE)';

/** Date and time parts with their abbreviations, from "Supported date and time parts". */
const PARTS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ['year', 'year y yy yyy yyyy yr years yrs'],
      ['quarter', 'quarter q qtr qtrs quarters'],
      ['month', 'month mm mon mons months'],
      ['week', 'week w wk weekofyear woy wy weeks'],
      ['weekiso', 'week_iso weekiso weekofyeariso weekofyear_iso'],
      ['day', 'day d dd days dayofmonth'],
      ['dayofweek', 'dayofweek weekday dow dw'],
      ['dayofweekiso', 'dayofweekiso weekday_iso dow_iso dw_iso dayofweek_iso'],
      ['dayofyear', 'dayofyear yearday doy dy'],
      ['yearofweek', 'yearofweek'],
      ['yearofweekiso', 'yearofweekiso'],
      ['hour', 'hour h hh hr hours hrs'],
      ['minute', 'minute m mi min minutes mins'],
      ['second', 'second s sec seconds secs'],
      ['millisecond', 'millisecond ms msec milliseconds'],
      ['microsecond', 'microsecond us usec microseconds'],
      ['nanosecond', 'nanosecond ns nsec nanosec nsecond nanoseconds nanosecs nseconds'],
      ['epoch_second', 'epoch_second epoch epoch_seconds'],
      ['epoch_millisecond', 'epoch_millisecond epoch_milliseconds'],
      ['epoch_microsecond', 'epoch_microsecond epoch_microseconds'],
      ['epoch_nanosecond', 'epoch_nanosecond epoch_nanoseconds'],
      ['timezone_hour', 'timezone_hour tzh'],
      ['timezone_minute', 'timezone_minute tzm'],
    ] as const
  ).flatMap(([part, names]) => names.split(' ').map((name) => [name, part])),
);

function partOf(call: Call, i: number): string {
  const word = call.word(i).toLowerCase();
  const part = PARTS[word];
  if (part === undefined)
    throw call.error('001032', '22023', `'${word}' is not a valid date/time component for function ${call.name}.`);
  return part;
}

/** WEEK_START 0 or 1: weeks begin on Monday; 2 to 7: Tuesday to Sunday. */
function weekStart(call: Call): number {
  const value = Number(call.cx.scope.parameter('WEEK_START'));
  return value >= 1 && value <= 7 ? value : 1;
}

/** The value as a moment: texts are timestamps, numbers are not taken. */
function moment(call: Call, i: number): Typed {
  const value = call.arg(i);
  const { name } = value.type;
  if (name === 'DATE' || name === 'TIME' || isTimestamp(value.type)) return value;
  return castTo(value, NTZ);
}

/** The wall clock of a moment, on which parts are read. */
function wall(value: Typed): string {
  return value.type.name === 'DATE' || value.type.name === 'TIME' ? value.sql : asNtz(value);
}

function datePart(part: string, value: Typed, call: Call): string {
  const sql = wall(value);
  switch (part) {
    case 'dayofweek': {
      const start = Number(call.cx.scope.parameter('WEEK_START'));
      return start >= 1 && start <= 7 ? `((isodow(${sql}) + 7 - ${start}) % 7 + 1)` : `dayofweek(${sql})`;
    }
    case 'dayofweekiso':
      return `isodow(${sql})`;
    case 'dayofyear':
      return `dayofyear(${sql})`;
    case 'week':
    case 'yearofweek':
      return weekPart(part, sql, call);
    case 'weekiso':
      return `weekofyear(${sql})`;
    case 'yearofweekiso':
      return `isoyear(${sql})`;
    case 'second':
      return `second(${sql})`;
    case 'millisecond':
      return `(microsecond(${sql}) % 1000000) // 1000`;
    case 'microsecond':
      return `(microsecond(${sql}) % 1000000)`;
    case 'nanosecond':
      return value.nanoseconds === undefined
        ? `((microsecond(${sql}) % 1000000) * 1000)`
        : `(epoch_ns(${value.nanoseconds}) % 1000000000)`;
    case 'epoch_second':
      return `(epoch_us(${instant(value)}) // 1000000)`;
    case 'epoch_millisecond':
      return `(epoch_us(${instant(value)}) // 1000)`;
    case 'epoch_microsecond':
      return `epoch_us(${instant(value)})`;
    case 'epoch_nanosecond':
      return value.nanoseconds === undefined
        ? `(CAST(epoch_us(${instant(value)}) AS HUGEINT) * 1000)`
        : `CAST(epoch_ns(${value.nanoseconds}) AS HUGEINT)`;
    case 'timezone_hour':
      return `(${offset(value)} // 60)`;
    case 'timezone_minute':
      return `(${offset(value)} % 60)`;
    default:
      return `${part}(${sql})`;
  }
}

/**
 * WEEK and YEAROFWEEK under WEEK_START and WEEK_OF_YEAR_POLICY ("Calendar weeks and weekdays"): by policy 0 a week belongs to the
 * year that has at least four of its days, by policy 1 the first week is the one with 1 January and none belongs to two years.
 */
function weekPart(part: 'week' | 'yearofweek', sql: string, call: Call): string {
  const first = weekStart(call);
  if (call.cx.scope.parameter('WEEK_OF_YEAR_POLICY') === '1') {
    if (part === 'yearofweek') return `year(${sql})`;
    return `((dayofyear(${sql}) - 1 + (isodow(date_trunc('year', ${sql})) + 7 - ${first}) % 7) // 7 + 1)`;
  }
  if (first === 1) return part === 'week' ? `weekofyear(${sql})` : `isoyear(${sql})`;
  const middle = `(${sql} - to_days(CAST((isodow(${sql}) + 7 - ${first}) % 7 AS INTEGER)) + to_days(3))`;
  return part === 'week' ? `((dayofyear(${middle}) - 1) // 7 + 1)` : `year(${middle})`;
}

function offset(value: Typed): string {
  if (value.type.name === 'TIMESTAMP_TZ') return `CAST(struct_extract(${value.sql}, 'offset_min') AS INTEGER)`;
  return value.type.name === 'TIMESTAMP_LTZ' ? `CAST(timezone(${value.sql}) / 60 AS INTEGER)` : '0';
}

/** The instant that an epoch counts to: UTC for zoned values, the wall clock as it stands for the others. */
function instant(value: Typed): string {
  if (value.type.name === 'TIMESTAMP_TZ') return `struct_extract(${value.sql}, 'utc')`;
  return value.sql;
}

const extract = rule(2, 2, (call) => typed(datePart(partOf(call, 0), dated(call, 1, partOf(call, 0)), call), INTEGER));
const named = (part: string) => rule(1, 1, (call) => typed(datePart(part, dated(call, 0, part), call), INTEGER));

/** A moment that has the part at all: a TIME has no date. */
function dated(call: Call, i: number, part: string): Typed {
  const value = moment(call, i);
  if (value.type.name === 'TIME' && !SUB_DAY.has(part) && !part.startsWith('epoch') && !part.startsWith('timezone'))
    throw call.error('001044', '42P13', `Invalid argument types for function '${call.name}': (TIME(9))`);
  return value;
}

const SUB_DAY = new Set(['hour', 'minute', 'second', 'millisecond', 'microsecond', 'nanosecond']);
const UNIT_OF: Readonly<Record<string, string>> = {
  weekiso: 'week',
  dayofyear: 'day',
  dayofweek: 'day',
  dayofweekiso: 'day',
  yearofweek: 'year',
  yearofweekiso: 'year',
};

/** DATEADD: months and years keep the day within the month; a DATE stays one unless hours or less are added. */
const dateAdd = rule(3, 3, (call) => {
  const part = UNIT_OF[partOf(call, 0)] ?? partOf(call, 0);
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
function withNanoseconds(value: Typed, count: string): Typed {
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
const dateDiff = rule(3, 3, (call) => {
  const part = UNIT_OF[partOf(call, 0)] ?? partOf(call, 0);
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

/** DATE_TRUNC(part, value), also written TRUNC(value, part). */
export function truncated(part: string, value: Typed, call: Call): Typed {
  const { type } = value;
  const unit = UNIT_OF[part] ?? part;
  const shift = unit === 'week' ? weekStart(call) - 1 : 0;
  const cut = (sql: string): string =>
    unit === 'nanosecond'
      ? sql
      : shift === 0
        ? `date_trunc('${unit}', ${sql})`
        : `(date_trunc('week', ${sql} - to_days(${shift})) + to_days(${shift}))`;
  switch (type.name) {
    case 'DATE':
      return SUB_DAY.has(unit)
        ? typed(`CAST(${value.sql} AS TIMESTAMP)`, NTZ, true)
        : typed(`CAST(${cut(value.sql)} AS DATE)`, DATE, true);
    case 'TIME':
      return typed(`CAST(date_trunc('${unit}', DATE '2000-01-01' + ${value.sql}) AS TIME)`, TIME, true);
    case 'TIMESTAMP_TZ':
      return typed(`_fn.tz_of_local(${cut(asNtz(value))}, struct_extract(${value.sql}, 'offset_min'))`, TZ, true);
    case 'TIMESTAMP_LTZ':
      return typed(`CAST(${cut(asNtz(value))} AS TIMESTAMPTZ)`, LTZ, true);
    default:
      return typed(cut(asNtz(value)), NTZ, true);
  }
}

const dateTrunc = rule(2, 2, (call) => {
  const first = call.expr(0);
  const swapped =
    first.kind !== 'string' &&
    !(first.kind === 'column' && first.parts.length === 1 && (first.parts[0]?.name.toLowerCase() ?? '') in PARTS);
  return swapped
    ? truncated(partOf(call, 1), moment(call, 0), call)
    : truncated(partOf(call, 0), moment(call, 1), call);
});

/** ADD_MONTHS: the last day of a month stays the last day. */
const addMonths = rule(2, 2, (call) => {
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

const lastDay = rule(1, 2, (call) => {
  const part = call.has(1) ? partOf(call, 1) : 'month';
  const value = call.date(0);
  const start = truncated(part, typed(value, DATE, true), call).sql;
  const next =
    part === 'quarter'
      ? 'to_months(3)'
      : part === 'year'
        ? 'to_years(1)'
        : part === 'week'
          ? 'to_weeks(1)'
          : 'to_months(1)';
  return typed(`CAST(${start} + ${next} - to_days(1) AS DATE)`, DATE, true);
});

const WEEKDAYS: Readonly<Record<string, number>> = { MO: 1, TU: 2, WE: 3, TH: 4, FR: 5, SA: 6, SU: 7 };
const nearDay = (macro: string) =>
  rule(2, 2, (call) => {
    const day = WEEKDAYS[call.word(1).slice(0, 2)];
    if (day === undefined) throw call.error('001032', '22023', `'${call.word(1)}' is not a day of the week.`);
    return typed(`_fn.${macro}(${call.date(0)}, ${day})`, DATE, true);
  });

/** The time zone names are DuckDB's ICU names, as Snowflake's. */
const convertTimezone = rule(2, 3, (call) => {
  if (call.has(2)) return typed(`timezone(${call.text(1)}, timezone(${call.text(0)}, ${call.ntz(2)}))`, NTZ, true);
  const given = call.arg(1);
  // A text may name its offset.
  const instant = given.type.name === 'TEXT' || given.type.name === 'VARIANT' ? asLtz(given) : asLtz(moment(call, 1));
  return typed(`_fn.tz_in_zone(${instant}, ${call.text(0)})`, TZ, true);
});

const seconds = (call: Call, i: number): string => `(${call.real(i)})`;
const int = (call: Call, i: number): string => call.integer(i);

/** Parts outside their range carry over: day 0 is the day before the first. */
function fromParts(call: Call): string {
  if (call.count === 2) return `(${call.date(0)} + ${call.time(1)})`;
  const nanos = call.has(6) ? ` + to_microseconds(CAST(${int(call, 6)} // 1000 AS BIGINT))` : '';
  return `(_fn.date_from_parts(${int(call, 0)}, ${int(call, 1)}, ${int(call, 2)}) + to_hours(${int(call, 3)}) + to_minutes(${int(call, 4)}) + to_seconds(${seconds(call, 5)})${nanos})`;
}

const ntzFromParts = rule(2, 7, (call) => {
  const moment = typed(`CAST(${fromParts(call)} AS TIMESTAMP)`, NTZ, true);
  const nanos = call.has(6) ? call.arg(6).literal : undefined;
  // A constant that is finer than microseconds keeps its last digits.
  if (typeof nanos !== 'number' || nanos % 1000 === 0) return moment;
  const rest = ((nanos % 1000) + 1000) % 1000;
  return { ...moment, nanoseconds: withNanoseconds(moment, String(rest)).nanoseconds ?? moment.sql };
});
const ltzFromParts = rule(2, 7, (call) => typed(`CAST(${fromParts(call)} AS TIMESTAMPTZ)`, LTZ, true));
const tzFromParts = rule(6, 8, (call) => {
  const local = fromParts(call);
  if (!call.has(7)) return typed(`_fn.ltz_to_tz(CAST(${local} AS TIMESTAMPTZ))`, TZ, true);
  return typed(`_fn.tz_in_zone(timezone(${call.text(7)}, CAST(${local} AS TIMESTAMP)), ${call.text(7)})`, TZ, true);
});

const dateFromParts = rule(3, 3, (call) =>
  typed(`CAST(_fn.date_from_parts(${int(call, 0)}, ${int(call, 1)}, ${int(call, 2)}) AS DATE)`, DATE, true),
);
const timeFromParts = rule(3, 4, (call) =>
  typed(
    `CAST(TIMESTAMP '2000-01-01' + to_hours(${int(call, 0)}) + to_minutes(${int(call, 1)}) + to_seconds(${seconds(call, 2)})${call.has(3) ? ` + to_microseconds(CAST(${int(call, 3)} // 1000 AS BIGINT))` : ''} AS TIME)`,
    TIME,
    true,
  ),
);

const SLICES = new Set(['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second']);

const timeSlice = rule(3, 4, (call) => {
  const part = partOf(call, 2);
  const end = call.has(3) && call.word(3) === 'END';
  const value = moment(call, 0);
  if (!SLICES.has(part))
    throw call.error(
      '001032',
      '22023',
      `'${call.word(2)}' is not a valid date/time component for function ${call.name}.`,
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

const monthsBetween = rule(2, 2, (call) =>
  typed(`_fn.months_between(${call.ntz(0)}, ${call.ntz(1)})`, { name: 'REAL' }, true),
);

export const DATES: FunctionTable = {
  EXTRACT: extract,
  DATE_PART: extract,
  YEAR: named('year'),
  QUARTER: named('quarter'),
  MONTH: named('month'),
  WEEK: named('week'),
  WEEKOFYEAR: named('week'),
  WEEKISO: named('weekiso'),
  DAY: named('day'),
  DAYOFMONTH: named('day'),
  DAYOFWEEK: named('dayofweek'),
  DAYOFWEEKISO: named('dayofweekiso'),
  DAYOFYEAR: named('dayofyear'),
  YEAROFWEEK: named('yearofweek'),
  YEAROFWEEKISO: named('yearofweekiso'),
  HOUR: named('hour'),
  MINUTE: named('minute'),
  SECOND: named('second'),
  DATEADD: dateAdd,
  TIMEADD: dateAdd,
  TIMESTAMPADD: dateAdd,
  DATE_ADD: dateAdd,
  DATEDIFF: dateDiff,
  TIMEDIFF: dateDiff,
  TIMESTAMPDIFF: dateDiff,
  DATE_TRUNC: dateTrunc,
  TRUNC: rule(1, 2, truncOf),
  ADD_MONTHS: addMonths,
  MONTHS_BETWEEN: monthsBetween,
  LAST_DAY: lastDay,
  NEXT_DAY: nearDay('next_day'),
  PREVIOUS_DAY: nearDay('previous_day'),
  MONTHNAME: rule(1, 1, (call) => typed(`strftime(${wall(dated(call, 0, 'month'))}, '%b')`, TEXT, true)),
  DAYNAME: rule(1, 1, (call) => typed(`strftime(${wall(dated(call, 0, 'day'))}, '%a')`, TEXT, true)),
  TIME_SLICE: timeSlice,
  CONVERT_TIMEZONE: convertTimezone,
  DATE_FROM_PARTS: dateFromParts,
  DATEFROMPARTS: dateFromParts,
  TIME_FROM_PARTS: timeFromParts,
  TIMEFROMPARTS: timeFromParts,
  TIMESTAMP_FROM_PARTS: ntzFromParts,
  TIMESTAMPFROMPARTS: ntzFromParts,
  TIMESTAMP_NTZ_FROM_PARTS: ntzFromParts,
  TIMESTAMPNTZFROMPARTS: ntzFromParts,
  TIMESTAMP_LTZ_FROM_PARTS: ltzFromParts,
  TIMESTAMPLTZFROMPARTS: ltzFromParts,
  TIMESTAMP_TZ_FROM_PARTS: tzFromParts,
  TIMESTAMPTZFROMPARTS: tzFromParts,
  CURRENT_DATE: rule(0, 0, () => typed(TODAY, DATE, true)),
  CURRENT_TIME: rule(0, 1, () => typed('CAST(CAST(now() AS TIMESTAMP) AS TIME)', TIME, true)),
  LOCALTIME: rule(0, 1, () => typed('CAST(CAST(now() AS TIMESTAMP) AS TIME)', TIME, true)),
  CURRENT_TIMESTAMP: rule(0, 1, () => typed('now()', LTZ, true)),
  GETDATE: rule(0, 0, () => typed('now()', LTZ, true)),
  SYSTIMESTAMP: rule(0, 0, () => typed('now()', LTZ, true)),
  LOCALTIMESTAMP: rule(0, 1, () => typed('now()', LTZ, true)),
  SYSDATE: rule(0, 0, () => typed("timezone('UTC', now())", NTZ, true)),
};

function truncOf(call: Call): Typed {
  const value = call.arg(0);
  const { name } = value.type;
  const isMoment = name === 'DATE' || name === 'TIME' || isTimestamp(value.type);
  if (!isMoment && !(call.has(1) && typeof call.arg(1).literal === 'string')) return truncatedNumber(call);
  return truncated(call.has(1) ? partOf(call, 1) : 'day', moment(call, 0), call);
}
