import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_INSTRUCTIONS } from '../../../src/local/engine/row-pattern/pattern-code.js';
import type { PatternNode } from '../../../src/local/engine/row-pattern/pattern-node.js';
import { compilePattern } from '../../../src/local/engine/row-pattern/program.js';
import {
  compileSearch,
  markOf,
  NO_SYMBOL,
  type PatternSearch,
  SearchRun,
  symbolOfMark,
} from '../../../src/local/engine/row-pattern/search.js';
import { SuspendedRuns } from '../../../src/local/engine/row-pattern/suspended-runs.js';

const SYMBOLS = 3;
const A = symbol(0);
const B = symbol(1);
const C = symbol(2);

function symbol(number: number): PatternNode {
  return { kind: 'symbol', symbol: number, mark: markOf(number, false) };
}
function sequence(...items: readonly PatternNode[]): PatternNode {
  return { kind: 'sequence', items };
}
function repeat(item: PatternNode, min: number, max: number | null, reluctant = false): PatternNode {
  return { kind: 'repeat', item, min, max, reluctant };
}

/** Rows as the sets of their symbols: bit 0 for the first. */
function textOf(rows: readonly number[]): string {
  return rows.map((symbols) => String.fromCharCode(NO_SYMBOL + symbols)).join('');
}

const NEVER_ENDING = { left: Number.MAX_SAFE_INTEGER };

function search(pattern: PatternNode, rows: readonly number[], skip: PatternSearch['skip'] = { to: 'past' }): string[] {
  return new SearchRun(textOf(rows), compileSearch({ pattern, width: 1, skip })).run({ ...NEVER_ENDING });
}

/** `A B-`, by the numbers of the symbols: `1:ab` is a match of two rows from the first one on. */
function shown(matches: readonly string[]): string {
  return matches
    .map((match) => {
      const [, row, path = ''] = match.split(',');
      return `${row}:${[...path].map((mark) => 'abc'[symbolOfMark(mark.charCodeAt(0))]).join('')}`;
    })
    .join(' ');
}

/** Every way to match from a row on, the preferred one first, as symbols. */
function* ways(node: PatternNode, rows: readonly number[], row: number): Generator<readonly number[]> {
  switch (node.kind) {
    case 'symbol':
      if (row < rows.length && ((rows[row] as number) & (1 << node.symbol)) !== 0) yield [node.symbol];
      return;
    case 'start':
      if (row === 0) yield [];
      return;
    case 'end':
      if (row === rows.length) yield [];
      return;
    case 'choice':
      for (const item of node.items) yield* ways(item, rows, row);
      return;
    case 'sequence': {
      const [first, ...others] = node.items;
      if (first === undefined) yield [];
      else for (const head of ways(first, rows, row)) yield* behind(head, { ...node, items: others }, rows, row);
      return;
    }
    case 'permute':
      if (node.items.length === 0) yield [];
      for (const [i, item] of node.items.entries()) {
        const others = node.items.filter((_, j) => j !== i);
        for (const head of ways(item, rows, row)) yield* behind(head, { ...node, items: others }, rows, row);
      }
      return;
    case 'repeat': {
      const { item, min, max, reluctant } = node;
      if (min > 0) {
        const left = repeat(item, min - 1, max === null ? null : max - 1, reluctant);
        for (const head of ways(item, rows, row)) yield* behind(head, left, rows, row);
        return;
      }
      if (reluctant) yield [];
      if (max === null || max > 0) {
        const left = repeat(item, 0, max === null ? null : max - 1, reluctant);
        for (const head of ways(item, rows, row)) {
          if (max !== null || head.length > 0) yield* behind(head, left, rows, row);
        }
      }
      if (!reluctant) yield [];
    }
  }
}

function* behind(
  head: readonly number[],
  rest: PatternNode,
  rows: readonly number[],
  row: number,
): Generator<readonly number[]> {
  for (const tail of ways(rest, rows, row + head.length)) yield [...head, ...tail];
}

function enumerated(pattern: PatternNode, rows: readonly number[], skip: 'past' | 'next'): string {
  const found: string[] = [];
  for (let row = 0; row < rows.length; ) {
    const { value, done } = ways(pattern, rows, row).next();
    if (done !== true) found.push(`${row + 1}:${value.map((number) => 'abc'[number]).join('')}`);
    row += done === true || skip === 'next' ? 1 : Math.max(value.length, 1);
  }
  return found.join(' ');
}

const { pattern } = fc.letrec<{ pattern: PatternNode; leaf: PatternNode }>((tie) => ({
  leaf: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: SYMBOLS - 1 }).map(symbol) },
    { weight: 1, arbitrary: fc.constantFrom<PatternNode>({ kind: 'start' }, { kind: 'end' }) },
  ),
  pattern: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }).map((items) => ({ kind: 'sequence' as const, items })),
    fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }).map((items) => ({ kind: 'choice' as const, items })),
    fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }).map((items) => ({ kind: 'permute' as const, items })),
    fc
      .tuple(tie('pattern'), fc.integer({ min: 0, max: 2 }), fc.option(fc.integer({ min: 0, max: 2 })), fc.boolean())
      .map(([item, min, more, reluctant]) => repeat(item, min, more === null ? null : min + more, reluctant)),
  ),
}));
const rows = fc.array(fc.integer({ min: 0, max: 2 ** SYMBOLS - 1 }), { maxLength: 6 });

describe('the search for the rows of a pattern', () => {
  it('finds what trying every way in the order of preference finds', () => {
    fc.assert(
      fc.property(pattern, rows, fc.constantFrom('past', 'next'), (node, given, to) => {
        expect(shown(search(node, given, { to }))).toBe(enumerated(node, given, to));
      }),
      { numRuns: 600 },
    );
  });

  it('finds the same in slices of any size, also when what it knew is forgotten between them', () => {
    fc.assert(
      fc.property(pattern, rows, fc.integer({ min: 1, max: 9 }), fc.boolean(), (node, given, slice, forgets) => {
        const compiled = compileSearch({ pattern: node, width: 1, skip: { to: 'next' } });
        let run = new SearchRun(textOf(given), compiled);
        const found: string[] = [];
        let steps = slice;
        while (!run.done) {
          const { place } = run;
          found.push(...run.run({ left: steps }));
          if (!forgets) continue;
          // An attempt that was not decided begins again, and needs more steps than it had.
          steps = run.place.row === place.row ? 2 * steps : slice;
          run = new SearchRun(textOf(given), compiled, run.place);
        }
        expect(found).toEqual(search(node, given, { to: 'next' }));
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, PatternNode]>([
    ['A* B', sequence(repeat(A, 0, null), B)],
    ['(A | A)* B', sequence(repeat({ kind: 'choice', items: [A, A] }, 0, null), B)],
    ['(A* A*)* B', sequence(repeat(sequence(repeat(A, 0, null), repeat(A, 0, null)), 0, null), B)],
    ['(A+ A+)+ $ B', sequence(repeat(sequence(repeat(A, 1, null), repeat(A, 1, null)), 1, null), { kind: 'end' }, B)],
  ])('takes steps in proportion to the rows where nothing matches: %s', (_name, node) => {
    const taken = (count: number): number => {
      const steps = { ...NEVER_ENDING };
      const run = new SearchRun('@'.repeat(count), compileSearch({ pattern: node, width: 1, skip: { to: 'past' } }));
      expect(run.run(steps)).toEqual([]);
      return NEVER_ENDING.left - steps.left;
    };
    expect(taken(4_000) / taken(1_000)).toBeLessThan(4.1);
  });

  it('finds matches of thousands of rows, and those that overlap them', () => {
    const given = [...Array.from({ length: 1_300 }, () => 1), 2, 4];
    const node = sequence(repeat(A, 1, null), { kind: 'choice', items: [sequence(B, A), sequence(B, C)] });
    const found = search(node, given, { to: 'next' });
    expect(found.map((match) => Number(match.split(',')[1]))).toEqual(Array.from({ length: 1_300 }, (_, i) => i + 1));
    expect(shown(found.slice(0, 1))).toBe(`1:${'a'.repeat(1_300)}bc`);
    expect(shown(found.slice(-1))).toBe('1300:abc');
  });

  it('tells symbols apart that a row has in its second character', () => {
    const far = symbol(7);
    const text = [2, 0, 2].map((bits) => String.fromCharCode(NO_SYMBOL, NO_SYMBOL + bits)).join('');
    const run = new SearchRun(text, compileSearch({ pattern: far, width: 2, skip: { to: 'past' } }));
    expect(run.run({ ...NEVER_ENDING }).map((match) => match.split(',')[1])).toEqual(['1', '3']);
  });

  it('skips to the first and the last row of a symbol', () => {
    const node = sequence(A, repeat(B, 1, null), C);
    const ABBC = [1, 2, 3, 6, 4];
    expect(shown(search(node, ABBC, { to: 'first', symbol: 1, name: 'B' }))).toBe('1:abbbc 3:abc');
    expect(shown(search(node, ABBC, { to: 'last', symbol: 1, name: 'B' }))).toBe('1:abbbc');
  });

  it('refuses to skip to a row that is not there, or to where the match began', () => {
    const optional = sequence(A, repeat(B, 0, null));
    expect(() => search(optional, [1], { to: 'last', symbol: 1, name: 'B' })).toThrow(
      '100391/22000: AFTER MATCH SKIP TO LAST B: no row of the match is mapped to the symbol.',
    );
    expect(() => search(optional, [1, 2], { to: 'first', symbol: 0, name: 'A' })).toThrow(
      '100392/22000: AFTER MATCH SKIP TO FIRST A: cannot skip to the first row of the match.',
    );
  });

  it('does not write out a pattern that would be too large', () => {
    expect(() => compilePattern(repeat(repeat(A, 1_000, 1_000), 1_000, 1_000))).toThrow(RangeError);
    expect(compilePattern({ kind: 'permute', items: Array.from({ length: 8 }, () => A) }).op.length).toBeLessThan(
      MOST_INSTRUCTIONS / 20,
    );
  });
});

describe('searches that wait for their next call', () => {
  const compiled = compileSearch({ pattern: A, width: 1, skip: { to: 'past' } });

  it('are given out once', () => {
    const runs = new SuspendedRuns();
    const run = new SearchRun('@', compiled);
    const place = runs.keep(run);
    expect(runs.take(place)).toBe(run);
    expect(runs.take(place)).toBeUndefined();
  });

  it('are kept as long as there is room, and their place says where to begin again', () => {
    let now = 0;
    const runs = new SuspendedRuns(() => now);
    const keep = (row: number): string => runs.keep(new SearchRun('@', compiled, { row, number: 2 }));
    const places = Array.from({ length: 33 }, (_, row) => keep(row));
    expect(places.filter((place) => runs.take(place) === undefined)).toEqual([places[32]]);
    expect(SuspendedRuns.placeOf(places[32] as string)).toEqual({ row: 32, number: 2 });
    expect(SuspendedRuns.placeOf('')).toBeUndefined();
    Array.from({ length: 32 }, (_, row) => keep(row));
    now = 60_001;
    expect(runs.take(keep(40))?.place).toEqual({ row: 40, number: 2 });
  });
});
