import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXml, printXml, type XmlElement, xmlChild } from '../../../src/local/engine/xml.js';

describe('XML', () => {
  it('has name, content and attributes of an element', () => {
    expect(parseXml('<?xml version="1.0"?><a x="1" y=\'t\'>5<!-- c --><b/><![CDATA[<z>]]></a>', true)).toEqual({
      '@': 'a',
      '@x': 1,
      '@y': 't',
      $: [5, { '@': 'b', $: '' }, '<z>'],
    });
    expect(parseXml('<a>007</a>', true).$).toBe('007');
    expect(parseXml('<a>5</a>', false).$).toBe('5');
  });

  it.each(['<a>', '<a></b>', 'x', '<a/><b/>', '<a x="1" x="2"/>', '<a>&nosuch;</a>', '<a x=1/>', ''])(
    'is not %s',
    (text) => {
      expect(() => parseXml(text, false)).toThrow(/at character \d+/);
    },
  );

  it('nested without end is refused', () => {
    expect(() => parseXml('<a>'.repeat(100_000), false)).toThrow(/elements in each other/);
  });

  it('children are found by name and place', () => {
    const list = parseXml('<l><i>1</i>t<j/><i>2</i></l>', true);
    expect(xmlChild(list, 'i', 1)).toEqual({ '@': 'i', $: 2 });
    expect(xmlChild(list, 'i', 2)).toBeUndefined();
  });

  it('printed and read again is the same', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
    const words = fc.string({ minLength: 1 }).filter((text) => text.trim() === text && /^[\x21-\x7e]+$/.test(text));
    const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
      tree: fc.record(
        {
          '@': name,
          $: fc.oneof(
            { maxDepth: 3 },
            fc.constant(''),
            words,
            tie('tree'),
            fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
          ),
          '@id': words,
        },
        { noNullPrototype: true },
      ) as fc.Arbitrary<XmlElement>,
    }));
    fc.assert(
      fc.property(tree, (element) => {
        expect(parseXml(printXml(element), false)).toEqual(element);
      }),
    );
  });
});
