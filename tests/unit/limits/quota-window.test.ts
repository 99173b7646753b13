import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTimeZone } from '../../../src/config/time-zone.js';
import { isOpen, quotaWindows } from '../../../src/limits/quota-window.js';

const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const iso = (instant: number) => new Date(instant).toISOString();

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
];

describe('quota windows', () => {
  it.each([
    ['UTC', 'hour', '2026-11-21T03:05:00.123Z', '2026-11-21T04:00:00.000Z'],
    ['UTC', 'hour', '2026-11-21T04:00:00.000Z', '2026-11-21T05:00:00.000Z'],
    ['UTC', 'day', '2026-11-21T23:59:59.999Z', '2026-11-22T00:00:00.000Z'],
    ['Asia/Kolkata', 'hour', '2026-11-21T03:05:00.000Z', '2026-11-21T03:30:00.000Z'],
    ['Asia/Kolkata', 'day', '2026-11-21T18:29:59.999Z', '2026-11-21T18:30:00.000Z'],
    ['Asia/Kathmandu', 'hour', '2026-11-21T03:05:00.000Z', '2026-11-21T03:15:00.000Z'],
    // Clocks go forward on 29 March 2026: the day has 23 hours; back on 25 October: 25.
    ['Europe/Berlin', 'day', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', 'day', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['Europe/Berlin', 'hour', '2026-03-29T00:30:00.000Z', '2026-03-29T01:00:00.000Z'],
    ['Europe/Berlin', 'hour', '2026-10-25T00:30:00.000Z', '2026-10-25T01:00:00.000Z'],
    ['America/New_York', 'day', '2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z'],
    // The day begins at one o'clock: midnight is skipped.
    ['Africa/Cairo', 'day', '2026-04-23T12:00:00.000Z', '2026-04-23T22:00:00.000Z'],
    ['Africa/Cairo', 'day', '2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z'],
    // At midnight clocks go back to eleven: the day is an hour longer.
    ['America/Santiago', 'day', '2026-04-04T12:00:00.000Z', '2026-04-05T04:00:00.000Z'],
    // Half an hour back at two: the hour from one to two lasts 90 minutes.
    ['Australia/Lord_Howe', 'hour', '2026-04-04T14:10:00.000Z', '2026-04-04T15:30:00.000Z'],
    ['Australia/Lord_Howe', 'hour', '2026-04-04T15:10:00.000Z', '2026-04-04T15:30:00.000Z'],
    ['Australia/Lord_Howe', 'day', '2026-04-04T14:10:00.000Z', '2026-04-05T13:30:00.000Z'],
    // A whole day, 30 December 2011, was left out.
    ['Pacific/Apia', 'day', '2011-12-30T09:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['Pacific/Apia', 'day', '2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z'],
  ] as const)('%s: the %s at %s ends at %s', (zone, period, instant, ends) => {
    expect(iso(quotaWindows(zone).endOf(period, at(instant)))).toBe(ends);
  });

  it('cut time into windows: every instant of one has the same end, and the end begins the next', () => {
    const cached = new Map(ZONES.map((zone) => [zone, quotaWindows(zone)]));
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom('hour', 'day'),
        fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2036-01-01T00:00:00Z') }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (zone, period, instant, share) => {
          const fresh = () => quotaWindows(zone);
          const ends = fresh().endOf(period, instant);
          expect(ends).toBeGreaterThan(instant);
          expect(ends - instant).toBeLessThanOrEqual(period === 'hour' ? 1.5 * HOUR : 25 * HOUR);
          const between = instant + Math.floor((ends - 1 - instant) * share);
          expect(fresh().endOf(period, between)).toBe(ends);
          expect(fresh().endOf(period, ends - 1)).toBe(ends);
          expect(fresh().endOf(period, ends)).toBeGreaterThan(ends);
          expect(cached.get(zone)?.endOf(period, between)).toBe(ends);
          expect(isOpen(period, ends, instant)).toBe(true);
          expect(isOpen(period, ends, ends)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not believe in a window that ends too late: the clock was set back', () => {
    const now = at('2026-11-21T03:05:00Z');
    expect(isOpen('hour', now + 30 * HOUR, now)).toBe(false);
    expect(isOpen('day', now + 100 * HOUR, now)).toBe(false);
  });

  it('tells time zones from other words', () => {
    for (const zone of ZONES) expect(isTimeZone(zone), zone).toBe(true);
    for (const word of ['', 'Europe/Atlantis', 'CEST+2', '25:00']) expect(isTimeZone(word), word).toBe(false);
  });
});
