import type { ParsedComponents, ParsedResult } from 'chrono-node';
import { SnowError } from '../../errors/snow-error.js';
import { instantOf, offsetOf, wallTimeOf } from './wall-time.js';

/** From `since`, before `until`; ms since the epoch. An absent end is open. */
export interface TimeSpan {
  readonly since?: number;
  readonly until?: number;
}

const LONGEST_TEXT = 200;
const HOUR_MS = 3_600_000;

const ISO =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?)?$/i;

/** `the last three days`: not the day three days ago, but all since. */
const RUNNING =
  /\b(?:last|past|previous)\s+(?:\d+|an?|few|couple|couple of|several|two|three|four|five|six|seven|eight|nine|ten)\s+\w+/i;

/**
 * The time that a text tells, in a time zone: ISO 8601 (`2026`, `2026-03`, `2026-03-01`, with a time, two of them with a slash
 * between) or words (`yesterday`, `last week`, `since March`, `before Friday`, `between March 3 and March 5`). What is told by
 * its day, week, month or year is all of it; what could lie ahead is meant in the past. Throws `INVALID_ARGUMENT`.
 */
export async function timeSpan(text: string, now: number, timeZone: string): Promise<TimeSpan> {
  const told = text.trim();
  if (told === '' || told.length > LONGEST_TEXT) throw notATime(text);
  const [from, to, ...more] = told.split('/');
  const first = isoSpan(from ?? '', timeZone);
  if (to === undefined && first !== undefined) return first;
  const last = to === undefined || more.length > 0 ? undefined : isoSpan(to, timeZone);
  if (first?.since !== undefined && last?.until !== undefined) return { since: first.since, until: last.until };
  // What looks like a date and is none is not to be read as another one.
  if (/^\d{4}-\d/.test(told)) throw notATime(text);
  return await spanInWords(told, now, timeZone);
}

/** As `timeSpan`, for one end of a span: its beginning. */
export async function timePoint(text: string, now: number, timeZone: string): Promise<number> {
  const { since, until } = await timeSpan(text, now, timeZone);
  const point = since ?? until;
  if (point === undefined) throw notATime(text);
  return point;
}

function isoSpan(text: string, timeZone: string): TimeSpan | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, ...fields] = match;
  const [year = 0, month, day, hour, minute, second] = fields.map((field) =>
    field === undefined ? undefined : Number(field),
  );
  if (!isDay(year, month ?? 1, day ?? 1) || (hour ?? 0) > 24) return undefined;
  if (month === undefined) return span({ year, month: 1, day: 1 }, { year: year + 1, month: 1, day: 1 }, timeZone);
  if (day === undefined) return span({ year, month, day: 1 }, { year, month: month + 1, day: 1 }, timeZone);
  if (hour === undefined) return span({ year, month, day }, { year, month, day: day + 1 }, timeZone);
  const zone = fields[6];
  const from = { year, month, day, hour, minute: minute ?? 0, second: second ?? 0 };
  const since =
    zone === undefined
      ? instantOf(from, timeZone)
      : Date.UTC(year, month - 1, day, hour, minute ?? 0, second ?? 0) - offsetTold(zone);
  return { since, until: since + (second === undefined ? 60_000 : 1_000) };
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function offsetTold(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.replace(/\D/g, '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

async function spanInWords(text: string, now: number, timeZone: string): Promise<TimeSpan> {
  const chrono = await import('chrono-node');
  const results = chrono.parse(text, { instant: new Date(now), timezone: offsetOf(now, timeZone) / 60_000 });
  const [first, second] = results;
  if (first === undefined) throw notATime(text);
  const start = spanOf(first, first.start, now, timeZone);
  const ending = second === undefined ? first.end : second.start;
  const end = !ending ? undefined : spanOf(second ?? first, ending, now, timeZone);
  if (end !== undefined) return start.since < end.until ? { since: start.since, until: end.until } : start;
  const before = text.slice(0, first.index).toLowerCase();
  if (/\b(?:since|from|starting)\b/.test(before)) return { since: start.since };
  if (/\bafter\b/.test(before)) return { since: start.until };
  if (/\bbefore\b/.test(before)) return { until: start.since };
  if (/\b(?:until|till|to|by|up to)\b/.test(before)) return { until: start.until };
  return RUNNING.test(text) ? { since: start.since, until: now + 1 } : start;
}

/** All of the hour, day, week, month or year that was told. */
function spanOf(result: ParsedResult, told: ParsedComponents, now: number, timeZone: string): Required<TimeSpan> {
  if (/\bthis week\b/i.test(result.text)) return weekOf(now, timeZone);
  const field = (name: 'year' | 'month' | 'day' | 'hour' | 'minute'): number => told.get(name) ?? 0;
  let [year, day] = [field('year'), field('day')];
  const month = field('month');
  const hour = field('hour');
  const minute = field('minute');
  if (instantOf({ year, month, day }, timeZone) > now) {
    if (!told.isCertain('year') && told.isCertain('month')) year -= 1;
    else if (!told.isCertain('day') && told.isCertain('weekday')) day -= 7;
  }
  if (told.isCertain('hour')) {
    const since = instantOf({ year, month, day, hour, minute }, timeZone);
    return { since, until: since + (/morning|afternoon|evening|night/i.test(result.text) ? 6 : 1) * HOUR_MS };
  }
  if (/\bweeks?\b/i.test(result.text)) return weekOf(instantOf({ year, month, day, hour }, timeZone), timeZone);
  if (told.isCertain('day') || told.isCertain('weekday'))
    return span({ year, month, day }, { year, month, day: day + 1 }, timeZone);
  if (told.isCertain('month')) return span({ year, month, day: 1 }, { year, month: month + 1, day: 1 }, timeZone);
  if (told.isCertain('year')) return span({ year, month: 1, day: 1 }, { year: year + 1, month: 1, day: 1 }, timeZone);
  return span({ year, month, day }, { year, month, day: day + 1 }, timeZone);
}

/** From its Monday on. */
function weekOf(at: number, timeZone: string): Required<TimeSpan> {
  const { year, month, day } = wallTimeOf(at, timeZone);
  const sinceMonday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  return span({ year, month, day: day - sinceMonday }, { year, month, day: day - sinceMonday + 7 }, timeZone);
}

type Day = { readonly year: number; readonly month: number; readonly day: number };

function span(from: Day, to: Day, timeZone: string): Required<TimeSpan> {
  return { since: instantOf(from, timeZone), until: instantOf(to, timeZone) };
}

function notATime(text: string): SnowError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${JSON.stringify(shown)} tells no time.`,
    hint: 'Give a date (2026-03-01), a time (2026-03-01T08:00:00Z), two with a slash between, or words such as yesterday, last week, since March.',
  });
}
