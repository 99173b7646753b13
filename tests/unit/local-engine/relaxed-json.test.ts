import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonProblem, strictJson } from '../../../src/local/engine/relaxed-json.js';

describe('relaxed JSON', () => {
  it('any JSON stays what it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
        const json = JSON.stringify(value, undefined, indent);
        expect(JSON.parse(strictJson(json))).toEqual(JSON.parse(json));
      }),
    );
  });

  it('any text either is JSON then or is refused with the position', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`{}[]:,"'\\ au1.-`) }), (text) => {
        try {
          JSON.parse(strictJson(text));
        } catch (error) {
          expect(error).toBeInstanceOf(JsonProblem);
        }
      }),
    );
  });

  it.each([
    [`{name: {first: 'Ann', "last": "O\\"Hara"}}`, `{"name":{"first":"Ann","last":"O\\"Hara"}}`],
    ['[1, ,3]', '[1,null,3]'],
    ['[1,]', '[1,null]'],
    ['[,]', '[null,null]'],
    ['[]', '[]'],
    ['{"a":1,}', '{"a":1}'],
    ['[.5, +1, 007, 2.]', '[0.5,1,7,2]'],
    ["'it\\'s'", `"it's"`],
  ])('%s is %s', (text, json) => expect(strictJson(text)).toBe(json));

  it.each([
    ["{'no value':}", 'misplaced }, pos 13'],
    ['yes', 'unknown keyword "yes", pos 4'],
    ['{"a":1', 'incomplete object value, pos 7'],
    ['{"a"', 'incomplete object value, pos 5'],
    ['[1', 'incomplete array value, pos 3'],
    ['{"a" 1}', 'missing colon, pos 6'],
    ['[1 2]', 'missing comma, pos 4'],
    ['"abc', 'unfinished string, pos 5'],
    ['"a\nb"', 'unfinished string, pos 3'],
    ['{} {}', 'more than one document in the input'],
    ['"\\u12"', 'hex digit is expected in \\u???? escape sequence, pos 4'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => strictJson(text)).toThrow(new JsonProblem(message));
  });

  it('what is nested too deeply is refused', () => {
    expect(() => strictJson('['.repeat(2_000))).toThrow(new JsonProblem('too many levels of nesting, pos 1001'));
  });
});
