import { describe, expect, it } from 'vitest';
import { bindPositions, bindRows, bindTo, boundList, boundValue } from '../../../src/local/engine/encoding/binds.js';
import { LocalError } from '../../../src/local/engine/local-error.js';
import { encoded, inDuckdb } from './in-duckdb.js';

function refusal(run: () => unknown): LocalError {
  try {
    run();
  } catch (error) {
    if (error instanceof LocalError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('binds', () => {
  const duckdb = inDuckdb();

  it('chooses the narrowest number that holds the text', async () => {
    const values = ['7', '12345678901234567890', '1.50', '1e+21', '-0.001'].map((value) => ({ type: 'FIXED', value }));
    const { columns, rows } = await encoded(duckdb(), 'SELECT $1, $2, $3, $4, $5', values.map(boundValue));
    expect(rows[0]).toEqual(['7', '12345678901234567890', '1.50', '1'.padEnd(22, '0'), '-0.001']);
    expect(columns[2]?.type).toEqual({ name: 'FIXED', precision: 3, scale: 2 });
  });

  it('cuts nanoseconds towards the past', async () => {
    const value = boundValue({ type: 'TIMESTAMP_NTZ', value: '-1' });
    expect((await encoded(duckdb(), 'SELECT $1', [value])).rows[0]).toEqual(['-0.000001000']);
  });

  it('takes NULL for every type', async () => {
    const types = ['FIXED', 'REAL', 'TEXT', 'BOOLEAN', 'DATE', 'TIME', 'TIMESTAMP_TZ', 'BINARY', 'VARIANT'];
    const binds = types.map((type) => boundValue({ type, value: null }));
    const { rows } = await encoded(duckdb(), `SELECT ${types.map((_, i) => `$${i + 1}`).join(', ')}`, binds);
    expect(rows[0]).toEqual(types.map(() => null));
  });

  it('makes rows of array binds, scalars repeated', async () => {
    const binds = {
      '1': { type: 'FIXED', value: ['1', null, '2.5'] },
      '2': { type: 'TEXT', value: 'same' },
    };
    await duckdb().run('CREATE TABLE bound (a DECIMAL(10, 2), b VARCHAR)');
    const prepared = await duckdb().prepare('INSERT INTO bound VALUES ($1, $2)');
    for (const row of bindRows(['1', '2'], binds)) {
      bindTo(prepared, row);
      await prepared.run();
    }
    prepared.destroySync();
    expect((await encoded(duckdb(), 'SELECT * FROM bound')).rows).toEqual([
      ['1.00', 'same'],
      [null, 'same'],
      ['2.50', 'same'],
    ]);
  });

  it('makes a list of a column, for one statement over all rows', async () => {
    const lists = [
      boundList({ type: 'FIXED', value: ['1', '2.5', null] }),
      boundList({ type: 'TIMESTAMP_TZ', value: ['1500000000 1500', null, '0 1440'] }),
    ];
    expect((await encoded(duckdb(), 'SELECT unnest($1), unnest($2)', lists)).rows).toEqual([
      ['1.0', '1.500000000 1500'],
      ['2.5', null],
      [null, '0.000000000 1440'],
    ]);
  });

  it('refuses what is no value of its type, in Snowflake words', () => {
    expect(refusal(() => boundValue({ type: 'FIXED', value: 'abc' }))).toMatchObject({
      number: '100038',
      sqlState: '22018',
      message: "Numeric value 'abc' is not recognized",
    });
    expect(refusal(() => boundValue({ type: 'REAL', value: '' })).number).toBe('100038');
    expect(refusal(() => boundValue({ type: 'BOOLEAN', value: 'maybe' })).number).toBe('100037');
    expect(refusal(() => boundValue({ type: 'DATE', value: '2020-01-01' })).number).toBe('100040');
    expect(refusal(() => boundValue({ type: 'TIMESTAMP_NTZ', value: 'now' })).number).toBe('100035');
    expect(refusal(() => boundValue({ type: 'BINARY', value: 'xyz' })).sqlState).toBe('22000');
    expect(refusal(() => boundValue({ type: 'SHAPE', value: 'x' })).message).toMatch(/SHAPE/);
  });

  it('refuses missing binds, arrays of different lengths, and arrays where one value belongs', () => {
    expect(refusal(() => bindPositions(['1', '2'], { '1': { type: 'TEXT', value: 'x' } })).message).toMatch(
      /:2 not set/,
    );
    const uneven = { '1': { type: 'TEXT', value: ['x'] }, '2': { type: 'TEXT', value: ['x', 'y'] } };
    expect(refusal(() => bindRows(['1', '2'], uneven)).message).toMatch(/same number/);
    expect(refusal(() => boundValue({ type: 'TEXT', value: ['x'] })).message).toMatch(/array bind/);
  });
});
