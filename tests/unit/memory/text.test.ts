import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkOf, namesAround } from '../../../src/memory/links.js';
import { porterStem } from '../../../src/memory/text/porter.js';
import { searchTerms } from '../../../src/memory/text/search-terms.js';
import { plainWords, stemmedWords } from '../../../src/memory/text/words.js';

describe('stems', () => {
  // From the examples of Porter's paper, step by step.
  test.each([
    ['caresses', 'caress'],
    ['ponies', 'poni'],
    ['cats', 'cat'],
    ['feed', 'feed'],
    ['agreed', 'agre'],
    ['plastered', 'plaster'],
    ['bled', 'bled'],
    ['motoring', 'motor'],
    ['sing', 'sing'],
    ['conflated', 'conflat'],
    ['troubled', 'troubl'],
    ['sized', 'size'],
    ['hopping', 'hop'],
    ['falling', 'fall'],
    ['hissing', 'hiss'],
    ['failing', 'fail'],
    ['filing', 'file'],
    ['happy', 'happi'],
    ['sky', 'sky'],
    ['relational', 'relat'],
    ['conditional', 'condit'],
    ['rational', 'ration'],
    ['vietnamization', 'vietnam'],
    ['operator', 'oper'],
    ['hopefulness', 'hope'],
    ['triplicate', 'triplic'],
    ['formative', 'form'],
    ['electrical', 'electr'],
    ['goodness', 'good'],
    ['revival', 'reviv'],
    ['allowance', 'allow'],
    ['adjustable', 'adjust'],
    ['replacement', 'replac'],
    ['adoption', 'adopt'],
    ['effective', 'effect'],
    ['probate', 'probat'],
    ['rate', 'rate'],
    ['cease', 'ceas'],
    ['controll', 'control'],
    ['roll', 'roll'],
    ['generalizations', 'gener'],
    ['oscillators', 'oscil'],
  ])('%s', (word, stem) => {
    expect(porterStem(word)).toBe(stem);
  });

  test('of any word is one that is not longer', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,30}$/), (word) => {
        expect(porterStem(word)).toMatch(/^[a-z]+$/);
        expect(porterStem(word).length).toBeLessThanOrEqual(word.length);
      }),
    );
  });
});

describe('words', () => {
  test('are letters and digits, without case and accents, in any script', () => {
    expect(plainWords('Crème brûlée: ﬁne_print-42 ORDERS.AMOUNT')).toEqual(
      'creme brulee fine print 42 orders amount'.split(' '),
    );
    expect(plainWords('Заказы в центах')).toEqual(['заказы', 'в', 'центах']);
    expect(plainWords('金額はセント')).toEqual(['金', '額', 'は', 'セ', 'ン', 'ト']);
  });

  test('of any text hold nothing that the index would read as something else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const words = stemmedWords(text);
        expect(words.filter((word) => /[\s./#@~%="'*()]/.test(word) || [...word].length > 64)).toEqual([]);
      }),
    );
  });
});

describe('a question', () => {
  test('has words, phrases, beginnings and what is not wanted', () => {
    expect(searchTerms('amounts "in cents" ord* -dollars -"old price"')).toEqual({
      terms: [{ words: ['amount'] }, { words: ['in', 'cent'] }, { prefix: 'ord', stem: 'ord' }],
      not: [{ words: ['dollar'] }, { words: ['old', 'price'] }],
    });
  });

  test('what is written together is looked for together', () => {
    expect(searchTerms('amount_cents db.sales').terms).toEqual([
      { words: ['amount', 'cent'] },
      { words: ['db', 'sale'] },
    ]);
  });

  test('may have quotes that nobody closes, and no word at all', () => {
    expect(searchTerms('"half a').terms).toEqual([{ words: ['half', 'a'] }]);
    expect(searchTerms('!!! * - ""')).toEqual({ terms: [], not: [] });
    expect(() => searchTerms('x'.repeat(3_000))).toThrow(/2000/);
  });
});

describe('links', () => {
  test('are names as Snowflake has them', () => {
    expect(linkOf(' db . sales."my Orders" ')).toBe('DB.SALES."my Orders"');
    expect(linkOf('"DB"')).toBe('DB');
    expect(linkOf('"a.b".c')).toBe('"a.b".C');
    expect(namesAround('"a.b".C.T')).toEqual(['"a.b"', '"a.b".C']);
    expect(namesAround('DB')).toEqual([]);
    for (const text of ['', '.', 'a..b', 'a.b.c.d', '"open', '""', 'a\u0000b'])
      expect(() => linkOf(text)).toThrow(/no name/);
  });
});
