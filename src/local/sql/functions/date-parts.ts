import { castTo } from '../emit/cast.js';
import { asNtz } from '../emit/coerce.js';
import { INTEGER, isTimestamp, NTZ, type Typed, typed } from '../emit/typed.js';
import { type Call, rule } from './call.js';

/** Date and time parts with their abbreviations, from "Supported date and time parts". */
export const PARTS: Readonly<Record<string, string>> = Object.fromEntries(
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

/** What is added, counted and truncated to: units of time, and no places in others. */
const UNITS = new Set([
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
  'microsecond',
  'nanosecond',
]);

/** Parts beyond the units that a function takes. */
const WEEKS_OF_ISO = new Set(['weekiso', 'yearofweekiso']);

export function partOf(call: Call, i: number): string {
  const part = PARTS[call.word(i).toLowerCase()];
  if (part === undefined) throw noPart(call, i);
  return part;
}

/** A part that DATEADD and DATEDIFF take or, with `iso`, DATE_TRUNC and LAST_DAY. */
export function unitOf(call: Call, i: number, iso: boolean): string {
  const part = partOf(call, i);
  if (!UNITS.has(part) && !(iso && WEEKS_OF_ISO.has(part))) throw noPart(call, i);
  return part;
}

/** 001032 / 22023: the function knows no such part. */
export function noPart(call: Call, i: number): Error {
  const word = call.word(i).toLowerCase();
  return call.error('001032', '22023', `'${word}' is not a valid date/time component for function ${call.name}.`);
}

/** WEEK_START 0 or 1: weeks begin on Monday; 2 to 7: Tuesday to Sunday. */
export function weekStart(call: Call): number {
  const value = Number(call.cx.scope.parameter('WEEK_START'));
  return value >= 1 && value <= 7 ? value : 1;
}

/** The value as a moment: texts are timestamps, numbers are not taken. */
export function moment(call: Call, i: number): Typed {
  const value = call.arg(i);
  const { name } = value.type;
  if (name === 'DATE' || name === 'TIME' || isTimestamp(value.type)) return value;
  return castTo(value, NTZ);
}

/** The wall clock of a moment, on which parts are read. */
export function wall(value: Typed): string {
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

export const extract = rule(2, 2, (call) =>
  typed(datePart(partOf(call, 0), dated(call, 1, partOf(call, 0)), call), INTEGER),
);
export const named = (part: string) => rule(1, 1, (call) => typed(datePart(part, dated(call, 0, part), call), INTEGER));

/** A moment that has the part at all: a TIME has no date. */
export function dated(call: Call, i: number, part: string): Typed {
  const value = moment(call, i);
  if (value.type.name === 'TIME' && !SUB_DAY.has(part) && !part.startsWith('epoch') && !part.startsWith('timezone'))
    throw call.error('001044', '42P13', `Invalid argument types for function '${call.name}': (TIME(9))`);
  return value;
}

export const SUB_DAY = new Set(['hour', 'minute', 'second', 'millisecond', 'microsecond', 'nanosecond']);
