import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptNumbers } from '../../../src/local/engine/json-numbers.js';
import { sortedJson } from '../../../src/local/engine/sorted-json.js';

describe('JSON with sorted keys', () => {
  it.each([
    ['{"b":1,"a":2}', '{"a":2,"b":1}'],
    [
      '{"b":{"z":1,"y":[{"q":1.50,"p":123456789012345678901234567890}]},"a":[]}',
      '{"a":[],"b":{"y":[{"p":123456789012345678901234567890,"q":1.50}],"z":1}}',
    ],
    ['[{"b":"}\\"],{","a\\\\":1},"x"]', '[{"a\\\\":1,"b":"}\\"],{"},"x"]'],
    ['{"10":1,"9":2,"":3}', '{"":3,"10":1,"9":2}'],
    ['{"a":{"c":1,"b":2},"d":{"f":1,"e":2}}', '{"a":{"b":2,"c":1},"d":{"e":2,"f":1}}'],
    ['"a"', '"a"'],
    ['{}', '{}'],
  ])('%s', (json, sorted) => {
    expect(sortedJson(json, false)).toBe(sorted);
  });

  it('refuses equal keys at any depth, or keeps the last of them', () => {
    for (const [json, kept] of [
      ['{"a":1,"a":2}', '{"a":2}'],
      ['[{"x":{"b":1,"a":1,"b":{"d":1,"c":2}}}]', '[{"x":{"a":1,"b":{"c":2,"d":1}}}]'],
      ['{"a":1,"\\u0061":2}', '{"\\u0061":2}'],
    ] as const) {
      expect(() => sortedJson(json, false)).toThrow(/^duplicate object attribute "[ab]"$/);
      expect(sortedJson(json, true)).toBe(kept);
    }
  });

  it('says the same as before, whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const plain = JSON.stringify(JSON.parse(json));
        const sorted = sortedJson(plain, false);
        expect(JSON.parse(sorted)).toEqual(JSON.parse(plain));
        expect(sorted).toHaveLength(plain.length);
        expect(sortedJson(sorted, false)).toBe(sorted);
      }),
    );
  });

  it('takes deep and wide values', () => {
    const deep = '{"b":[{"a":'.repeat(20_000);
    expect(sortedJson(`${deep}1${'}]}'.repeat(20_000)}`, false)).toHaveLength(deep.length + 1 + 60_000);
    const keys = Array.from({ length: 20_000 }, (_, i) => `"k${i}":{"b":1,"a":2}`);
    expect(Object.keys(JSON.parse(sortedJson(`{${keys.join(',')}}`, false)))).toHaveLength(20_000);
  });
});

describe('numbers in JSON', () => {
  it.each([
    ['1.0', '1'],
    ['-0.0', '0'],
    ['10.050', '10.05'],
    ['1.912e2', '1.912000000000000e+02'],
    ['1e3', '1000'],
    ['1e-7', '1.000000000000000e-07'],
    ['3.0000000000000004e-1', '3.0000000000000004e-01'],
    ['1e999', '1e999'],
    ['{"1.0":"2.0e5","a":[1.0,"\\"3.0"]}', '{"1.0":"2.0e5","a":[1,"\\"3.0"]}'],
  ])('%s is kept as %s', (json, kept) => expect(keptNumbers(json)).toBe(kept));

  it('mean the same as before', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const plain = JSON.stringify(JSON.parse(json));
        expect(JSON.stringify(JSON.parse(keptNumbers(plain)))).toBe(plain);
      }),
    );
  });
});
