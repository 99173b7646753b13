import type { Macro } from './numbers.js';
import { raise } from './raise.js';

const unknown = (kind: string): string =>
  raise(
    kind === 'Date' ? '100040' : kind === 'Time' ? '100108' : '100035',
    '22007',
    `'${kind} ''' || t || ''' is not recognized'`,
  );
const OFFSET = '\\s*(?:Z|([+-]\\d{1,2}):?(\\d{2})?)$';
/** A year may stand behind the offset: `Mon Jul 08 18:09:51 +0000 2013`. */
const OFFSET_AND_YEAR = OFFSET.replace('$', '( \\d{4})?$');

/** A text that is an integer: seconds, milliseconds, microseconds or nanoseconds since 1970, by its size (Snowflake: "TO_TIMESTAMP", usage notes). */
const EPOCH = `CASE WHEN abs(CAST(trim(t) AS HUGEINT)) < 31536000000 THEN make_timestamp(CAST(CAST(trim(t) AS HUGEINT) * 1000000 AS BIGINT))
  WHEN abs(CAST(trim(t) AS HUGEINT)) < 31536000000000 THEN make_timestamp(CAST(CAST(trim(t) AS HUGEINT) * 1000 AS BIGINT))
  WHEN abs(CAST(trim(t) AS HUGEINT)) < 31536000000000000 THEN make_timestamp(CAST(trim(t) AS BIGINT))
  ELSE make_timestamp(CAST(CAST(trim(t) AS HUGEINT) // 1000 AS BIGINT)) END`;

const AUTO_FORMATS = `['%d-%b-%Y', '%Y-%m-%d %H', '%Y-%m-%dT%H', '%m/%d/%Y', '%m/%d/%Y %H:%M:%S', '%d-%b-%Y %H:%M:%S', '%a %b %d %H:%M:%S %Y', '%Y%m%d%H%M%S', '%a, %d %b %Y %H:%M:%S', '%a, %d %b %Y %H:%M:%S.%f', '%a, %d %b %Y %I:%M:%S %p', '%a, %d %b %Y %I:%M:%S.%f %p', '%d-%B-%Y']`;

export const DATE_MACROS: readonly Macro[] = [
  ['six_digit_fraction(t)', `regexp_replace(t, '(\\.\\d{6})\\d+', '\\1')`],
  // DuckDB also reads years first between slashes, an hour 24, and the words epoch and infinity.
  ['is_iso(t)', `NOT (t > ':' OR contains(t, '/') OR contains(t, ' 24:') OR contains(t, 'T24:'))`],
  ['has_offset(t)', `regexp_matches(t, '[T ]\\d{1,2}:\\d{2}.*${OFFSET_AND_YEAR}')`],
  [
    'without_offset(t)',
    `CASE WHEN regexp_matches(t, ':.*${OFFSET}') THEN regexp_replace(t, '${OFFSET}', '') ELSE t END`,
  ],
  [
    'offset_minutes(t)',
    `CASE WHEN regexp_matches(t, ':.*[+-]\\d{1,2}:?(\\d{2})?( \\d{4})?$') THEN
    (CASE WHEN starts_with(regexp_extract(t, '([+-])\\d{1,2}:?(\\d{2})?( \\d{4})?$', 1), '-') THEN -1 ELSE 1 END)
    * (CAST(regexp_extract(t, '[+-](\\d{1,2}):?(\\d{2})?( \\d{4})?$', 1) AS INTEGER) * 60 + coalesce(TRY_CAST(regexp_extract(t, '[+-](\\d{1,2}):?(\\d{2})?( \\d{4})?$', 2) AS INTEGER), 0)) ELSE 0 END`,
  ],
  // DuckDB reads the word infinity as a moment.
  ['finite(x)', 'CASE WHEN isfinite(x) THEN x END'],
  [
    'try_wall(t)',
    `CASE WHEN regexp_full_match(trim(t), '[+-]?\\d+') AND try_strptime(trim(t), '%Y%m%d%H%M%S') IS NULL THEN ${EPOCH}
    ELSE _fn.finite(coalesce(CASE WHEN _fn.is_iso(t) THEN TRY_CAST(_fn.six_digit_fraction(_fn.without_offset(trim(t))) AS TIMESTAMP) END, try_strptime(_fn.six_digit_fraction(_fn.without_offset(trim(t))), ${AUTO_FORMATS}), try_strptime(regexp_replace(trim(t), ' [+-]\\d{4} (\\d{4})$', ' \\1'), '%a %b %d %H:%M:%S %Y'))) END`,
  ],
  ['try_to_ntz(t)', '_fn.try_wall(t)'],
  ['to_ntz(t)', `CASE WHEN t IS NULL THEN NULL ELSE coalesce(_fn.try_wall(t), ${unknown('Timestamp')}) END`],
  [
    'try_to_ltz(t)',
    `CASE WHEN _fn.has_offset(trim(t)) THEN timezone('UTC', _fn.try_wall(t) - to_minutes(_fn.offset_minutes(trim(t)))) ELSE CAST(_fn.try_wall(t) AS TIMESTAMPTZ) END`,
  ],
  ['to_ltz(t)', `CASE WHEN t IS NULL THEN NULL ELSE coalesce(_fn.try_to_ltz(t), ${unknown('Timestamp')}) END`],
  ['try_to_date(t)', 'CAST(_fn.try_wall(t) AS DATE)'],
  ['to_date(t)', `CASE WHEN t IS NULL THEN NULL ELSE coalesce(CAST(_fn.try_wall(t) AS DATE), ${unknown('Date')}) END`],
  [
    'try_to_time(t)',
    `coalesce(CASE WHEN starts_with(trim(t), '24') OR regexp_matches(t, '[A-Ya-y]') THEN NULL ELSE TRY_CAST(_fn.six_digit_fraction(trim(t)) AS TIME) END, CAST(try_strptime(_fn.six_digit_fraction(trim(t)), ['%I:%M:%S %p', '%I:%M %p', '%I:%M:%S.%f %p', '%H:%M']) AS TIME), CAST(_fn.try_wall(t) AS TIME))`,
  ],
  ['to_time(t)', `CASE WHEN t IS NULL THEN NULL ELSE coalesce(_fn.try_to_time(t), ${unknown('Time')}) END`],
  // Years of two digits are those of the hundred that begin with `first`.
  ['two_digit_year(x, first)', 'x + to_years(CAST(first + (year(x) - first + 200) % 100 - year(x) AS INTEGER))'],
  ['whole_half_day(t)', `regexp_replace(t, '([AaPp])([^A-Za-z]|$)', '\\1M\\2')`],
  [
    'parse_moment(t, patterns, written, kind, format)',
    `CASE WHEN t IS NULL THEN NULL ELSE coalesce(try_strptime(t, patterns), ${raise('100096', '22007', "'Can''t parse ''' || written || ''' as ' || kind || ' with format ''' || format || ''''")}) END`,
  ],
  [
    'epoch_to_ntz(n, scale)',
    'make_timestamp(CAST(round(CAST(n AS DECIMAL(38, 9)) * CAST(pow(10, 6 - scale) AS DECIMAL(18, 9))) AS BIGINT))',
  ],
  [
    'truncate_fraction(x, digits)',
    `make_timestamp(epoch_us(x) // CAST(pow(10, 6 - digits) AS BIGINT) * CAST(pow(10, 6 - digits) AS BIGINT))`,
  ],
  // TIMESTAMP_TZ is the instant in UTC and the offset it was written with.
  [
    'tz_make(utc, minutes)',
    `CAST({'utc': CAST(utc AS TIMESTAMP), 'offset_min': CAST(minutes AS SMALLINT)} AS STRUCT("utc" TIMESTAMP, "offset_min" SMALLINT))`,
  ],
  ['tz_local(x)', 'x.utc + to_minutes(CAST(x.offset_min AS BIGINT))'],
  ['tz_instant(x)', `timezone('UTC', x.utc)`],
  [
    'tz_shift(x, i)',
    'CASE WHEN x IS NULL THEN NULL ELSE _fn.tz_make(_fn.tz_local(x) + i - to_minutes(CAST(x.offset_min AS BIGINT)), x.offset_min) END',
  ],
  [
    'tz_of_local(wall, minutes)',
    'CASE WHEN wall IS NULL THEN NULL ELSE _fn.tz_make(wall - to_minutes(CAST(minutes AS BIGINT)), minutes) END',
  ],
  [
    'ltz_to_tz(x)',
    `CASE WHEN x IS NULL THEN NULL ELSE _fn.tz_make(timezone('UTC', x), CAST(timezone(x) / 60 AS SMALLINT)) END`,
  ],
  [
    'tz_in_zone(x, zone)',
    `CASE WHEN x IS NULL THEN NULL ELSE _fn.tz_make(timezone('UTC', x), date_diff('minute', timezone('UTC', x), timezone(zone, x))) END`,
  ],
  [
    'try_to_tz(t)',
    `list_transform([{'wall': _fn.try_wall(t), 'zoned': _fn.has_offset(trim(t)), 'minutes': _fn.offset_minutes(trim(t))}], lambda read:
    CASE WHEN read.wall IS NULL THEN NULL WHEN read.zoned THEN _fn.tz_make(read.wall - to_minutes(read.minutes), read.minutes)
    ELSE _fn.ltz_to_tz(CAST(read.wall AS TIMESTAMPTZ)) END)[1]`,
  ],
  ['to_tz(t)', `CASE WHEN t IS NULL THEN NULL ELSE coalesce(_fn.try_to_tz(t), ${unknown('Timestamp')}) END`],
  ...(['date', 'time', 'ntz', 'ltz', 'tz'] as const).map(
    (kind): Macro => [
      `variant_to_${kind}(v)`,
      `CASE WHEN v ->> '$' IS NULL THEN NULL ELSE coalesce(_fn.try_to_${kind}(v ->> '$'), ${raise(
        '100071',
        '22000',
        `'Failed to cast variant value ' || CAST(v AS VARCHAR) || ' to ${kind.length > 3 ? kind.toUpperCase() : `TIMESTAMP_${kind.toUpperCase()}`}'`,
      )}) END`,
    ],
  ),
  [
    'offset_text(m, f)',
    `CASE WHEN m < 0 THEN '-' ELSE '+' END || CASE f WHEN 'TZH' THEN printf('%02d', abs(m) // 60) WHEN 'TZM' THEN printf('%02d', abs(m) % 60)
    WHEN 'TZHTZM' THEN printf('%02d%02d', abs(m) // 60, abs(m) % 60) ELSE printf('%02d:%02d', abs(m) // 60, abs(m) % 60) END`,
  ],
  [
    'ltz_text(x)',
    `strftime(CAST(x AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g') || ' ' || _fn.offset_text(CAST(timezone(x) / 60 AS INTEGER), 'TZHTZM')`,
  ],
  [
    'tz_text(x)',
    `strftime(_fn.tz_local(x), '%Y-%m-%d %H:%M:%S.%g') || ' ' || _fn.offset_text(CAST(x.offset_min AS INTEGER), 'TZHTZM')`,
  ],
  [
    'add_months(d, n)',
    `CASE WHEN last_day(d) = CAST(d AS DATE) THEN CAST(last_day(CAST(d + to_months(n) AS DATE)) AS TIMESTAMP) + (CAST(d AS TIMESTAMP) - date_trunc('day', CAST(d AS TIMESTAMP))) ELSE d + to_months(n) END`,
  ],
  [
    'date_from_parts(y, m, d)',
    `make_date(CAST(y AS BIGINT), 1, 1) + to_months(CAST(m - 1 AS INTEGER)) + to_days(CAST(d - 1 AS INTEGER))`,
  ],
  ['next_day(d, n)', 'CAST(d + to_days(CAST((n - isodow(d) + 6) % 7 + 1 AS INTEGER)) AS DATE)'],
  ['previous_day(d, n)', 'CAST(d - to_days(CAST((isodow(d) - n + 6) % 7 + 1 AS INTEGER)) AS DATE)'],
  [
    'months_between(a, b)',
    `CASE WHEN day(a) = day(b) OR (last_day(a) = CAST(a AS DATE) AND last_day(b) = CAST(b AS DATE)) THEN CAST((year(a) - year(b)) * 12 + month(a) - month(b) AS DOUBLE)
    ELSE round((year(a) - year(b)) * 12 + month(a) - month(b) + (epoch(a) - epoch(date_trunc('month', a)) - epoch(b) + epoch(date_trunc('month', b))) / 86400.0 / 31, 6) END`,
  ],
];
