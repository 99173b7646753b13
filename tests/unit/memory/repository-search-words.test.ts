import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compounds, spread } from '../../../src/memory/repositories/identifier-words.js';
import { pathGlob } from '../../../src/memory/repositories/path-glob.js';
import { searchWords } from '../../../src/memory/repositories/search-words.js';

const db = new Database(':memory:');
db.exec("CREATE VIRTUAL TABLE words USING fts5 (body, whole, names, tokenize = 'unicode61 remove_diacritics 2')");
const TEXTS = [
  'select order_id, customerName from stg_orders',
  'the order of things has an id',
  'def getOrderId(): return HTTPServer()',
  'revenue in cents',
];
for (const text of TEXTS)
  db.prepare('INSERT INTO words (body, whole, names) VALUES (?, ?, ?)').run(
    spread(text),
    compounds(text).join(' '),
    '',
  );
afterAll(() => db.close());

const found = (expression: string) =>
  (db.prepare('SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid').pluck().all(expression) as number[]).map(
    (id) => id - 1,
  );
const all = (text: string) => found(searchWords(text).all);

describe('words of a search', () => {
  it.each([
    ['order_id', [0, 2]],
    ['orderId', [0, 2]],
    ['orderid', [0]],
    ['getorderid', [2]],
    ['order id', [0, 1, 2]],
    ['"order of things"', [1]],
    ['cust*', [0]],
    ['orders thing', [1]],
    ['customers*', [0]],
    ['order -things', [0, 2]],
    ['http server', [2]],
    ['order -"of things" -http*', [0]],
    ['ORDER AND NOT NEAR', []],
  ])('%s', (text, rows) => {
    expect(all(text)).toEqual(rows);
  });

  it('any of them, where there are several', () => {
    expect(found(searchWords('cents nowhere').some?.any ?? '')).toEqual([3]);
    expect(searchWords('cents').some).toBeUndefined();
    expect(searchWords('cents cents').some).toBeUndefined();
    expect(searchWords('order "of things" -x').some?.terms).toEqual(['"order"', '"of thing"']);
  });

  it.each(['', '   ', '"', '***', '-', '-cents', '()', '\0'])('%j has nothing to look for', (text) => {
    expect(() => searchWords(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('whatever is typed is no syntax to SQLite', () => {
    const marks = fc.constantFrom(
      '"',
      '*',
      '-',
      '(',
      ')',
      ':',
      '^',
      '+',
      'NEAR(',
      ' AND ',
      ' OR ',
      'NOT',
      '{',
      '}',
      "'",
      ';',
      '\0',
    );
    const typed = fc.array(fc.oneof(marks, fc.string({ unit: 'binary' }), fc.constantFrom('body:', '\ud800', 'x')), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(typed, (parts) => {
        let words: ReturnType<typeof searchWords>;
        try {
          words = searchWords(parts.join(''));
        } catch (failure) {
          expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT' });
          return;
        }
        found(words.all);
        for (const each of [words.some?.any ?? '"x"', ...(words.some?.terms ?? [])]) found(each);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a glob', () => {
  it.each([
    ['*.sql', 'models/staging/a.sql', true],
    ['*.sql', 'a.sqlx', false],
    ['models/*.sql', 'models/a.sql', true],
    ['models/*.sql', 'models/staging/a.sql', false],
    ['models/**/*.sql', 'models/a.sql', true],
    ['models/**/*.sql', 'models/x/y/a.sql', true],
    ['models/**', 'models/x/y', true],
    ['models/', 'models/x/y', true],
    ['models/', 'other/models/x', false],
    ['**/x/**', 'a/x/b', true],
    ['Schema.YML', 'models/schema.yml', true],
    ['a?.sql', 'ab.sql', true],
    ['a?.sql', 'a/.sql', false],
    ['./models/a.sql', 'models/a.sql', true],
  ])('%s and %s: %s', (glob, path, fits) => {
    expect(pathGlob(glob)(path)).toBe(fits);
  });

  it('never takes long', () => {
    expect(pathGlob('*a'.repeat(200))('a'.repeat(3_000).concat('b'))).toBe(false);
  });

  it('that says nothing is refused', () => {
    expect(() => pathGlob(' ')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
