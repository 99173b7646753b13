import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { questionInTime } from '../../../src/memory/time/question-in-time.js';
import { timePoint, timeSpan } from '../../../src/memory/time/time-span.js';

/** A Saturday. */
const NOW = Date.parse('2026-11-21T08:00:00Z');

const spanOf = async (text: string, zone = 'UTC') => {
  const { since, until } = await timeSpan(text, NOW, zone);
  const shown = (at: number | undefined) => (at === undefined ? '…' : new Date(at).toISOString().slice(0, 16));
  return `${shown(since)} ${shown(until)}`;
};

describe('a time span', () => {
  test.each([
    ['2026', '2026-01-01T00:00 2027-01-01T00:00'],
    ['2026-03', '2026-03-01T00:00 2026-04-01T00:00'],
    ['2026-03-01', '2026-03-01T00:00 2026-03-02T00:00'],
    ['2026-03-01T10:30', '2026-03-01T10:30 2026-03-01T10:31'],
    ['2026-03-01T10:30:00+02:00', '2026-03-01T08:30 2026-03-01T08:30'],
    ['2026-03-01/2026-03-05', '2026-03-01T00:00 2026-03-06T00:00'],
    ['today', '2026-11-21T00:00 2026-11-22T00:00'],
    ['yesterday', '2026-11-20T00:00 2026-11-21T00:00'],
    ['last week', '2026-11-09T00:00 2026-11-16T00:00'],
    ['this week', '2026-11-16T00:00 2026-11-23T00:00'],
    ['last month', '2026-10-01T00:00 2026-11-01T00:00'],
    ['last year', '2025-01-01T00:00 2026-01-01T00:00'],
    ['in May 2025', '2025-05-01T00:00 2025-06-01T00:00'],
    ['December', '2025-12-01T00:00 2026-01-01T00:00'],
    ['last friday', '2026-11-20T00:00 2026-11-21T00:00'],
    ['since March', '2026-03-01T00:00 …'],
    ['before yesterday', '… 2026-11-20T00:00'],
    ['after October 2026', '2026-11-01T00:00 …'],
    ['until last month', '… 2026-11-01T00:00'],
    ['the last 3 days', '2026-11-18T00:00 2026-11-21T08:00'],
    ['between March 3 and March 5', '2026-03-03T00:00 2026-03-06T00:00'],
  ])('%s', async (text, expected) => {
    expect(await spanOf(text)).toBe(expected);
  });

  test('is that of the time zone, also on days on which clocks change', async () => {
    expect(await spanOf('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00 2026-03-29T22:00');
    expect(await spanOf('yesterday', 'America/Los_Angeles')).toBe('2026-11-20T08:00 2026-11-21T08:00');
  });

  test('what tells no time is refused with what would', async () => {
    for (const text of ['', 'zebra', 'x'.repeat(500), '2026-13-01', '2026-02-30', '/'])
      await expect(timeSpan(text, NOW, 'UTC')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('of any text is one in order, or a refusal', async () => {
    const word = fc.constantFrom(
      'last',
      'week',
      'since',
      'before',
      '3',
      'days',
      'ago',
      'march',
      '2026',
      'monday',
      'to',
      '-',
      '/',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        const span = await timeSpan(words.join(' '), NOW, 'Europe/Berlin').catch((failure) => failure);
        if (span instanceof Error) expect(span).toMatchObject({ code: 'INVALID_ARGUMENT' });
        else expect(span.since ?? -Infinity).toBeLessThan(span.until ?? Infinity);
      }),
      { numRuns: 200 },
    );
  });

  test('its beginning is a point in time', async () => {
    expect(await timePoint('2026-03-01', NOW, 'UTC')).toBe(Date.parse('2026-03-01T00:00:00Z'));
  });
});

test('a question is cut into what it is about and its time', async () => {
  expect(await questionInTime('what did we store about orders last week?')).toMatchObject({
    when: 'last week',
    query: 'orders ?',
  });
  expect(await questionInTime('since March invoices')).toEqual({ when: 'since March', query: 'invoices' });
  expect(await questionInTime('amount in cents')).toEqual({ query: 'amount cents' });
});
