import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { duration, table } from '../../../src/cli/table.js';

describe('a table', () => {
  it('aligns its columns, colours or not', () => {
    const paint = new Chalk({ level: 1 });
    const columns = [{ title: 'NAME' }, { title: 'N', align: 'right' as const }];
    expect(
      table(columns, [
        ['a', '100'],
        ['longer', '7'],
      ]),
    ).toBe('NAME      N\na       100\nlonger    7');
    const plain = table(columns, [['ab', '1']]).split('\n')[1];
    const coloured = table(columns, [[paint.red('ab'), '1']]).split('\n')[1];
    expect(coloured?.replace(paint.red('ab'), 'ab')).toBe(plain);
  });
});

describe('a duration', () => {
  it.each([
    [0.42, '0.4 ms'],
    [840, '840 ms'],
    [12_340, '12.3 s'],
    [240_000, '4 min'],
    [9_000_000, '2.5 h'],
    [259_200_000, '3 d'],
  ])('of %d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
