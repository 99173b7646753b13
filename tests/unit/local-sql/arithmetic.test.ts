import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbScope } from './duckdb-scope.js';

let db: DuckDbScope;
beforeAll(async () => {
  db = await DuckDbScope.open();
});
afterAll(() => db.close());

const fixed = (precision: number, scale: number) => ({ name: 'FIXED', precision, scale });

describe('types of numbers', () => {
  it.each([
    ['1', fixed(1, 0), '1'],
    ['1.50', fixed(3, 2), '1.50'],
    ['100000 * 100000', fixed(12, 0), '10000000000'],
    ['1.1 + 2', fixed(3, 1), '3.1'],
    ['7 / 2', fixed(7, 6), '3.500000'],
    ['1 / 3', fixed(7, 6), '0.333333'],
    ['2 / 3', fixed(7, 6), '0.666667'],
    ['12345678901234567890 / 3', fixed(26, 6), '4115226300411522630.000000'],
    ['-12345678901234567890.12 / 7', fixed(28, 8), '-1763668414462081127.16000000'],
    ['7 % 4', fixed(1, 0), '3'],
    ['1.123456789 * 1.123456789', fixed(14, 12), '1.262155156750'],
    ['count(*)', fixed(18, 0), '1'],
    ['sum(1.25)', fixed(38, 2), '1.25'],
    ['avg(2)', fixed(38, 6), '2.000000'],
    ["'5' + 1", fixed(2, 0), '6'],
    ['round(2.345, 2)', fixed(4, 2), '2.35'],
    ['ceil(1.2)', fixed(2, 0), '2'],
    ['div0(1, 0)', fixed(7, 6), '0.000000'],
  ])('%s', async (expression, type, value) => {
    const answer = await db.run(`select ${expression}`);
    expect(answer.types).toEqual([type]);
    expect(answer.rows).toEqual([[value]]);
  });

  it('refuses to divide by zero', async () => {
    await expect(db.values('select 1 / 0')).rejects.toThrow('100051/22012: Division by zero');
    await expect(db.values('select 5 % 0')).rejects.toThrow('Division by zero');
  });

  it('divides exactly, rounded half away from zero', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt(-(10n ** 24n), 10n ** 24n), fc.bigInt(1n, 10n ** 18n), async (a, b) => {
        const sign = a < 0n ? -1n : 1n;
        const scaled = (a * sign * 10n ** 6n * 2n + b) / (2n * b);
        const whole = scaled / 10n ** 6n;
        const text = `${sign < 0n && scaled !== 0n ? '-' : ''}${whole}.${String(scaled % 10n ** 6n).padStart(6, '0')}`;
        expect(await db.values(`select ${a}::number(38, 0) / ${b}::number(38, 0)`)).toEqual([[text]]);
      }),
      { numRuns: 60 },
    );
  });
});
