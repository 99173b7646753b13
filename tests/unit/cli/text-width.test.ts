import { describe, expect, it } from 'vitest';
import { markedPlace } from '../../../src/cli/sql/marked-place.js';
import { table } from '../../../src/cli/table.js';
import { cutToWidth, textWidth } from '../../../src/cli/text-width.js';

describe('the room that a text takes in a terminal', () => {
  it.each([
    ['plain', 5],
    ['漢字', 4],
    ['e\u0301te\u0301', 3],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['🇩🇪!', 3],
    ['ｈａｌｆ', 8],
    ['\u001b[31mred\u001b[39m', 3],
  ])('%s takes %d columns', (text, width) => expect(textWidth(text)).toBe(width));

  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['漢字漢字', 6, '漢字…'],
    ['漢字漢字', 4, '漢…'],
  ])('%s in %d columns is %s', (text, width, cut) => {
    expect(cutToWidth(text, width)).toBe(cut);
    expect(textWidth(cut)).toBeLessThanOrEqual(width);
  });

  it('keeps columns of a table below each other', () => {
    expect(table([{ title: 'A' }, { title: 'B' }], [['漢字', 'x']])).toBe('A     B\n漢字  x');
  });
});

describe('the place of an error', () => {
  it.each([
    ['select a,\n  b from t', { line: 2, position: 2 }, 80, '  b from t\n  ^'],
    ['select 漢, b', { line: 1, position: 10 }, 80, 'select 漢, b\n           ^'],
    [`select ${'x'.repeat(50)}, bad`, { line: 1, position: 59 }, 40, `${'x'.repeat(18)}, bad\n${' '.repeat(20)}^`],
    ['select 1', { line: 3, position: 0 }, 80, undefined],
    ['select 1', {}, 80, undefined],
  ])('%j %j', (sql, place, width, shown) => expect(markedPlace(sql, place, width)).toBe(shown));
});
