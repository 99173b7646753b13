/** A moment as a calendar and a clock on the wall show it; fields may run over (month 13, day 0), as those of `Date.UTC` do. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = 'numeric';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
  formats.set(timeZone, format);
  return format;
}

/** How far the zone's clock is ahead of UTC at an instant, in ms. */
export function offsetOf(at: number, timeZone: string): number {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) shown[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
}

/** The instant at which the zone shows this, in ms since the epoch; of a time that its clocks leave out, one shortly after. */
export function instantOf({ year, month, day, hour = 0, minute = 0, second = 0 }: WallTime, timeZone: string): number {
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const first = wall - offsetOf(wall, timeZone);
  return wall - offsetOf(first, timeZone);
}

export function wallTimeOf(at: number, timeZone: string): Required<WallTime> {
  const wall = new Date(at + offsetOf(at, timeZone));
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
  };
}
