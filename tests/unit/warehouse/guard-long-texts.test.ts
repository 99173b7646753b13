import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import { guardStatement } from '../../../src/warehouse/guard/guard.js';
import { namesOfStatement } from '../../../src/warehouse/guard/statement-names.js';

const MANY = 100_000;
const expressions = (count: number): string =>
  `with ${Array.from({ length: count }, (_, n) => `x${n} as (select 1)`).join(', ')} select 1`;

/** Texts of some hundred KB, as a message may bring them, each of one thing again and again. */
const TEXTS: Readonly<Record<string, string>> = {
  explanations: `${'explain '.repeat(MANY)}select 1`,
  'explanations using': `${'explain using text '.repeat(MANY)}select 1`,
  parentheses: `${'('.repeat(MANY)}select 1${')'.repeat(MANY)}`,
  'parts of a chain': `${'select 1 ->> '.repeat(MANY)}select 1`,
  semicolons: `${';'.repeat(MANY)}select 1`,
  comments: `${'/**/'.repeat(MANY)}select 1`,
  'comments that never end': '/*'.repeat(MANY),
  'line comments': `${'--\n'.repeat(MANY)}select 1`,
  quotes: "'".repeat(2 * MANY),
  'double quotes': '"'.repeat(2 * MANY + 1),
  dollars: '$$'.repeat(MANY),
  backslashes: `select '${'\\'.repeat(2 * MANY)}'`,
  columns: `select ${'a, '.repeat(MANY)}a from t`,
  'table expressions': expressions(20_000),
  subqueries: `select * from ${'(select * from '.repeat(20_000)}t${')'.repeat(20_000)}`,
  'nested table expressions': `${'with x as ('.repeat(20_000)}select 1${')'.repeat(20_000)}`,
  dots: `select ${'a.'.repeat(MANY)}b from t`,
  'points of a number': `select ${'1.'.repeat(MANY)}`,
  'folders of a stage': `select @${'a/'.repeat(MANY)}`,
  unions: `select 1${' union select 1'.repeat(MANY)}`,
  joins: `select * from t${' join t'.repeat(MANY)}`,
  parameters: `alter session set ${'a = 1 '.repeat(MANY)}`,
  functions: `select ${'system$wait(0), '.repeat(20_000)}1`,
  deletes: 'delete '.repeat(MANY),
  withs: 'with '.repeat(MANY),
  commas: `select * from ${','.repeat(MANY)}`,
  'one long string': `select '${'x'.repeat(4_000_000)}'`,
  'letters of other alphabets': `select ${'é'.repeat(MANY)}`,
};

describe('the guard and texts that are long', () => {
  it.each(Object.entries(TEXTS))('places or refuses many %s before anybody notices', (_what, sql) => {
    for (const read of [guardStatement, namesOfStatement]) {
      try {
        read(sql);
      } catch (failure) {
        expect(failure).toBeInstanceOf(SnowError);
      }
    }
  });

  it('still takes as many table expressions as anybody writes', () => {
    expect(namesOfStatement(expressions(900)).objects).toEqual([]);
    expect(() => namesOfStatement(expressions(1_001))).toThrow('more than 1000 table expressions');
  });
});
