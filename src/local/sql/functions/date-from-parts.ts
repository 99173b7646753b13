import { DATE, LTZ, NTZ, TIME, TZ, typed } from '../emit/typed.js';
import { type Call, rule } from './call.js';
import { withNanoseconds } from './date-arithmetic.js';

const seconds = (call: Call, i: number): string => `(${call.real(i)})`;
const int = (call: Call, i: number): string => call.integer(i);

/** Parts outside their range carry over: day 0 is the day before the first. */
function fromParts(call: Call): string {
  if (call.count === 2) return `(${call.date(0)} + ${call.time(1)})`;
  const nanos = call.has(6) ? ` + to_microseconds(CAST(${int(call, 6)} // 1000 AS BIGINT))` : '';
  return `(_fn.date_from_parts(${int(call, 0)}, ${int(call, 1)}, ${int(call, 2)}) + to_hours(${int(call, 3)}) + to_minutes(${int(call, 4)}) + to_seconds(${seconds(call, 5)})${nanos})`;
}

export const ntzFromParts = rule(2, 7, (call) => {
  const moment = typed(`CAST(${fromParts(call)} AS TIMESTAMP)`, NTZ, true);
  const nanos = call.has(6) ? call.arg(6).literal : undefined;
  // A constant that is finer than microseconds keeps its last digits.
  if (typeof nanos !== 'number' || nanos % 1000 === 0) return moment;
  const rest = ((nanos % 1000) + 1000) % 1000;
  return { ...moment, nanoseconds: withNanoseconds(moment, String(rest)).nanoseconds ?? moment.sql };
});
export const ltzFromParts = rule(2, 7, (call) => typed(`CAST(${fromParts(call)} AS TIMESTAMPTZ)`, LTZ, true));
export const tzFromParts = rule(6, 8, (call) => {
  const local = fromParts(call);
  if (!call.has(7)) return typed(`_fn.ltz_to_tz(CAST(${local} AS TIMESTAMPTZ))`, TZ, true);
  return typed(`_fn.tz_in_zone(timezone(${call.text(7)}, CAST(${local} AS TIMESTAMP)), ${call.text(7)})`, TZ, true);
});

export const dateFromParts = rule(3, 3, (call) =>
  typed(`CAST(_fn.date_from_parts(${int(call, 0)}, ${int(call, 1)}, ${int(call, 2)}) AS DATE)`, DATE, true),
);
export const timeFromParts = rule(3, 4, (call) =>
  typed(
    `CAST(TIMESTAMP '2000-01-01' + to_hours(${int(call, 0)}) + to_minutes(${int(call, 1)}) + to_seconds(${seconds(call, 2)})${call.has(3) ? ` + to_microseconds(CAST(${int(call, 3)} // 1000 AS BIGINT))` : ''} AS TIME)`,
    TIME,
    true,
  ),
);
