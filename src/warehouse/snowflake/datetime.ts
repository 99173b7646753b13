/**
 * Snowflake's wire forms of dates and times as ISO 8601 text. Fractions keep every digit that is not a trailing zero
 * (up to nanoseconds, which JavaScript's Date does not hold).
 */

const DAY_MS = 86_400_000;

/** `days` since 1970-01-01 as `YYYY-MM-DD`. */
export function dateText(days: string): string {
  return isoDay(Number(days) * DAY_MS);
}

/** Seconds since midnight (`3661.500000000`) as `HH:MM:SS[.fraction]`. */
export function timeText(seconds: string): string {
  const { whole, fraction } = split(seconds);
  return clock(whole) + fraction;
}

/** Seconds since the epoch as `YYYY-MM-DDTHH:MM:SS[.fraction]`, without a zone. */
export function timestampNtzText(seconds: string): string {
  const { whole, fraction } = split(seconds);
  return isoSecond(whole) + fraction;
}

/** `epochSeconds offset+1440` (minutes) as `…T…±HH:MM`. */
export function timestampTzText(cell: string): string {
  const [seconds = '0', shifted = '1440'] = cell.split(' ');
  return atOffset(seconds, Number(shifted) - 1440);
}

/** Seconds since the epoch as local time of `zone` with its offset, `…T…±HH:MM`. */
export function timestampLtzText(seconds: string, zone: string): string {
  return atOffset(seconds, offsetMinutes(zone, split(seconds).whole));
}

function atOffset(seconds: string, minutes: number): string {
  const { whole, fraction } = split(seconds);
  const sign = minutes < 0 ? '-' : '+';
  const size = Math.abs(minutes);
  return `${isoSecond(whole + minutes * 60)}${fraction}${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Floor of the seconds, and the fraction above it as `.123` or nothing. */
function split(seconds: string): { readonly whole: number; readonly fraction: string } {
  const [integer = '0', digits = ''] = seconds.split('.');
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '') return { whole: Number(integer), fraction: '' };
  if (!integer.startsWith('-')) return { whole: Number(integer), fraction: `.${trimmed}` };
  const scale = 10n ** BigInt(trimmed.length);
  const rest = (scale - BigInt(trimmed)).toString().padStart(trimmed.length, '0');
  return { whole: Number(integer) - 1, fraction: `.${rest}` };
}

function clock(seconds: number): string {
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function isoSecond(epochSeconds: number): string {
  const day = Math.floor(epochSeconds / 86_400);
  return `${isoDay(day * DAY_MS)}T${clock(epochSeconds - day * 86_400)}`;
}

function isoDay(epochMs: number): string {
  return new Date(epochMs).toISOString().split('T', 1)[0] as string;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();
const QUARTER_HOUR_S = 900;
const MAX_OFFSETS = 10_000;

/** Offsets change on quarters of an hour only, so one look-up serves every second of the same quarter. */
function offsetMinutes(zone: string, epochSeconds: number): number {
  const quarter = Math.floor(epochSeconds / QUARTER_HOUR_S);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const minutes = zoneOffset(zone, quarter * QUARTER_HOUR_S * 1000);
  if (offsets.size >= MAX_OFFSETS) offsets.clear();
  offsets.set(key, minutes);
  return minutes;
}

function zoneOffset(zone: string, epochMs: number): number {
  const format = formats.get(zone) ?? zoneFormat(zone);
  formats.set(zone, format);
  const name = format.formatToParts(epochMs).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function zoneFormat(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    return new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', timeZoneName: 'longOffset' });
  }
}
