import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startTime } from '../../../src/cli/start-time.js';

const NOW = Date.UTC(2026, 0, 31);

describe('--at', () => {
  it.each([
    ['+500ms', NOW + 500],
    ['+30s', NOW + 30_000],
    ['+1.5h', NOW + 5_400_000],
    ['+2d', NOW + 172_800_000],
    ['2026-02-01T08:00:00Z', Date.UTC(2026, 1, 1, 8)],
    ['2026-02-01', Date.UTC(2026, 1, 1)],
  ])('takes %s', (text, expected) => {
    expect(startTime(text, NOW)).toBe(expected);
  });

  it.each(['tomorrow', '', '30s', '+5', '+5 m', '12', '2026-13-45'])('refuses %j', (text) => {
    expect(() => startTime(text, NOW)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('takes every time as toISOString writes it', () => {
    const years = { min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), (date) => {
        expect(startTime(date.toISOString(), NOW)).toBe(date.getTime());
      }),
    );
  });
});
