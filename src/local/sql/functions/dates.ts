import { asLtz } from '../emit/coerce.js';
import { DATE, LTZ, NTZ, TEXT, TIME, TZ, typed } from '../emit/typed.js';
import { type FunctionTable, rule } from './call.js';
import { addMonths, dateAdd, dateDiff, monthsBetween } from './date-arithmetic.js';
import { dateFromParts, ltzFromParts, ntzFromParts, timeFromParts, tzFromParts } from './date-from-parts.js';
import { dated, extract, moment, named, wall } from './date-parts.js';
import { dateTrunc, lastDay, timeSlice, truncOf } from './date-truncation.js';

/** CURRENT_DATE, the only one of its kind whose results may be used again, until the day is over. */
export const TODAY = 'CAST(CAST(now() AS TIMESTAMP) AS DATE)';

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
