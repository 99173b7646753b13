import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactName, nameParts } from '../../../src/gateway/identifiers.js';

describe('names that callers give', () => {
  it('are folded when plain and taken as they are in quotes', () => {
    expect(exactName('sales_2024$', 'database')).toBe('SALES_2024$');
    expect(exactName('"sales"', 'database')).toBe('sales');
    expect(exactName(' "say ""hi""" ', 'schema')).toBe('say "hi"');
    expect(exactName('my-db', 'database')).toBe('my-db');
    expect(exactName('my.db', 'database')).toBe('my.db');
  });

  it('come in dotted parts', () => {
    expect(nameParts('db.public."My.Table"', 'table', 3)).toEqual(['DB', 'PUBLIC', 'My.Table']);
    expect(nameParts('t', 'table', 3)).toEqual(['T']);
    expect(nameParts('"a" . b', 'table', 3)).toEqual(['a', 'B']);
  });

  it.each(['', ' ', '""', '"open', 'a"b', 'a.', '.a', 'a..b', 'a.b.c.d', '"a"b', 'a\u0000b', 'x'.repeat(256)])(
    'are refused when they can be none: %j',
    (text) => {
      expect(() => nameParts(text, 'table', 3)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    },
  );

  it('survive being quoted, whatever they hold', () => {
    const printable = fc
      .string({ minLength: 1, maxLength: 100, unit: 'grapheme' })
      .filter((name) => !/\p{Cc}/u.test(name));
    fc.assert(
      fc.property(fc.array(printable, { minLength: 1, maxLength: 3 }), (names) => {
        const text = names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.');
        expect(nameParts(text, 'table', 3)).toEqual(names);
      }),
    );
  });
});
