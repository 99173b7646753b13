import { Chalk } from 'chalk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fittedTable } from '../../../src/cli/sql/fitted-table.js';
import { outcomeLine, outcomeText } from '../../../src/cli/sql/output.js';
import type { SqlOutcome } from '../../../src/cli/sql/sql-session.js';
import { cutToWidth, textWidth } from '../../../src/cli/text-width.js';
import type { Json } from '../../../src/store/job.js';

const paint = new Chalk({ level: 0 });

function outcome(names: readonly string[], rows: readonly (readonly Json[])[]): SqlOutcome {
  const columns = names.map((name) => ({ name, type: 'TEXT' }));
  return { columns, rows, rowCount: rows.length, truncated: false, elapsedMs: 12 };
}

describe('how rows are shown', () => {
  it('CSV has quotes where it needs them, and tells NULL from nothing', () => {
    const rows = [
      ['a,b', null, ''],
      ['say "x"', 'two\nlines', { k: [1] }],
    ];
    expect(outcomeText(outcome(['A', 'B', 'C C'], rows), 'csv', 80)).toBe(
      'A,B,C C\r\n"a,b",,""\r\n"say ""x""","two\nlines","{""k"":[1]}"\r\n',
    );
  });

  it('JSON keeps both columns of one name', () => {
    expect(JSON.parse(outcomeText(outcome(['A', 'A'], [[1, 2]]), 'json', 80))).toEqual([{ A: 1, A_2: 2 }]);
  });

  it('control characters reach no terminal', () => {
    expect(outcomeText(outcome(['A'], [['\u001b[2Jx\ty\u0007']]), 'table', 80)).toBe('A\n\\x1b[2Jx\\ty\\x07\n');
  });

  it('a table cuts its widest columns to the width of the terminal', () => {
    const text = fittedTable([{ name: 'ID' }, { name: 'TEXT' }], [[1, 'x'.repeat(100)]], 30);
    expect(text.split('\n')[1]).toBe(`${' '.repeat(1)}1  ${'x'.repeat(25)}…`);
  });

  it('no line is ever wider than the terminal, and each value stands in it, at least its beginning', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '字'), minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((count) =>
          fc.record({
            names: fc.array(word, { minLength: count, maxLength: count }),
            row: fc.array(word, { minLength: count, maxLength: count }),
          }),
        ),
        fc.integer({ min: 40, max: 120 }),
        ({ names, row }, width) => {
          const text = fittedTable(
            names.map((name) => ({ name })),
            [row],
            width,
          );
          for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
          for (const value of row) expect(text).toContain(cutToWidth(value, 8).replace('…', ''));
        },
      ),
    );
  });

  it('tells how many rows are missing', () => {
    const cut = { ...outcome(['A'], [[1]]), rowCount: 5, truncated: true, queuedMs: 3 };
    expect(outcomeLine(cut, true, paint)).toBe('5 rows, 1 shown (--max-rows shows more); waited 3 ms, took 12 ms');
  });
});
