export type WindowPeriod = 'hour' | 'day';

/** Longest distance from an instant to the end of its window, in ms: a day on which clocks go back, with room for odd zones. */
const LONGEST_MS: Readonly<Record<WindowPeriod, number>> = { hour: 3 * 3_600_000, day: 50 * 3_600_000 };

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Windows of one time zone: hours and days as its clocks and calendars show them. */
export interface QuotaWindows {
  /** When the window that `at` lies in ends, ms since the epoch; always later than `at`, and the same for all of a window. */
  endOf(period: WindowPeriod, at: number): number;
}

/**
 * Windows stand until they end: whether counts that run until `ends` are still those of now. What ends unbelievably late was
 * written under a clock that has been set back since.
 */
export function isOpen(period: WindowPeriod, ends: number, now: number): boolean {
  return now < ends && ends - now <= LONGEST_MS[period];
}

/** Throws a `RangeError` for what is no time zone. */
export function quotaWindows(timeZone: string): QuotaWindows {
  const wall = timeZone === 'UTC' ? (at: number) => at : wallClockOf(timeZone);
  const known = new Map<WindowPeriod, { readonly from: number; readonly ends: number }>();
  return {
    endOf(period, at) {
      const seen = known.get(period);
      if (seen !== undefined && at >= seen.from && at < seen.ends) return seen.ends;
      const ends = period === 'hour' ? endOfHour(wall, at) : endOfDay(wall, at);
      known.set(period, { from: at, ends });
      return ends;
    },
  };
}

/** What the zone's wall clock shows at an instant, as if it were UTC, in ms. */
type WallClock = (at: number) => number;

function wallClockOf(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(at)) shown[type] = Number(value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1_000) + 1_000) % 1_000);
  };
}

/** The next instant at which the wall clock shows a full hour. A change by half an hour makes one longer window. */
function endOfHour(wall: WallClock, at: number): number {
  let ends = at;
  do {
    ends += HOUR_MS - (wall(ends) % HOUR_MS);
  } while (wall(ends) % HOUR_MS !== 0);
  return ends;
}

/** The next instant at which the calendar shows a later day, whatever the clock shows then: some days begin at one o'clock. */
function endOfDay(wall: WallClock, at: number): number {
  const dayOf = (instant: number) => Math.floor(wall(instant) / DAY_MS);
  const today = dayOf(at);
  let within = at;
  let beyond = at + DAY_MS - (wall(at) % DAY_MS);
  while (dayOf(beyond) <= today) beyond += HOUR_MS;
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2);
    if (dayOf(middle) <= today) within = middle;
    else beyond = middle;
  }
  return beyond;
}
