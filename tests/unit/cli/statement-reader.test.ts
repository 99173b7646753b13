import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatementReader } from '../../../src/cli/sql/statement-reader.js';

function cut(text: string): { readonly statements: readonly string[]; readonly rest: string | undefined } {
  const reader = new StatementReader();
  return { statements: reader.push(text), rest: reader.flush() };
}

describe('statements are cut at a semicolon', () => {
  it.each([
    ['select 1; select 2', ['select 1'], 'select 2'],
    ["select ';'; x", ["select ';'"], 'x'],
    ["select 'it''s; \\'; y'; z", ["select 'it''s; \\'; y'"], 'z'],
    ['select ";"";" from t;', ['select ";"";" from t'], undefined],
    ['select $$a;b$$;', ['select $$a;b$$'], undefined],
    ['/* ; */ select 1 -- ; no\n;', ['/* ; */ select 1 -- ; no'], undefined],
    ['select 1 // ; no\n+ 1;', ['select 1 // ; no\n+ 1'], undefined],
    [';; ;select 1;;', ['select 1'], undefined],
    ['put file:///tmp/a--b.csv @s; list @s', ['put file:///tmp/a--b.csv @s'], 'list @s'],
    ['get @s FILE://C:/x/*;list @s', ['get @s FILE://C:/x/*'], 'list @s'],
    ['select file //c;\n;', ['select file //c;'], undefined],
    ['-- nothing', [], undefined],
  ])('%s', (text, statements, rest) => {
    expect(cut(text)).toEqual({ statements, rest });
  });

  it.each([
    'begin let x := 1; return x; end',
    'declare x int; begin x := case when true then 1 else 2 end; if (x = 1) then return 1; end if; return 2; end',
    'create procedure p() returns int language sql as begin for i in 1 to 3 do null; end for; return 1; end',
    'execute immediate begin return 1; end',
  ])('but not inside a block: %s', (block) => {
    expect(cut(`${block}; select 2;`).statements).toEqual([block, 'select 2']);
  });

  it.each(['begin', 'begin transaction', 'begin work', 'begin name t1'])(
    'a transaction begins at once: %s',
    (begin) => {
      expect(cut(`${begin}; select 1; commit;`).statements).toEqual([begin, 'select 1', 'commit']);
    },
  );

  it('tells what is still open, for the prompt', () => {
    const reader = new StatementReader();
    expect(reader.empty).toBe(true);
    for (const [text, open] of [
      ["select 'a", 'string'],
      ['\' || "b', 'name'],
      ['" || $$c', 'dollar'],
      ['$$ /* d', 'comment'],
      ['*/ from', undefined],
    ] as const) {
      expect(reader.push(`${text}\n`)).toEqual([]);
      expect(reader.open).toBe(open);
      expect(reader.empty).toBe(false);
    }
    reader.clear();
    expect(reader.empty).toBe(true);
  });

  it('gives the same statements in whatever pieces the text comes', () => {
    const parts = fc.constantFrom(
      ...[
        "'a;b'",
        'file:',
        '//x',
        '"c;d"',
        '$$;$$',
        '/*;*/',
        '--;\n',
        ';',
        'select',
        ' ',
        '1',
        "''",
        '\n',
        '$',
        '-',
        '/',
        '*',
        "'",
        '\\',
      ],
      ...['begin', ' end', ' if', 'begin let x := 1; end;', 'declare', ' case', ' transaction'],
    );
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 14 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (all, sizes) => {
          const text = all.join('');
          const whole = cut(text);
          const reader = new StatementReader();
          const statements: string[] = [];
          for (let at = 0; at < text.length; ) {
            const size = sizes.next().value ?? 1;
            statements.push(...reader.push(text.slice(at, at + size)));
            at += size;
          }
          expect({ statements, rest: reader.flush() }).toEqual(whole);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('looks at each line once: a statement of many lines costs what its length says', () => {
    // Of the processor: others take it from this one, and the wall's time tells of them.
    const processorMs = (lines: number) => {
      const reader = new StatementReader();
      const line = `  ${'x'.repeat(60)}, -- a column\n`;
      const begun = process.cpuUsage();
      reader.push('select\n');
      for (let n = 0; n < lines; n += 1) reader.push(line);
      expect(reader.push('1;')).toHaveLength(1);
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 1_000;
    };
    processorMs(5_000);
    // Thirty-two times the lines: about as many times as long, where each line read anew would take a thousand times.
    expect(processorMs(80_000) / Math.max(1, processorMs(2_500))).toBeLessThan(300);
  });
});
