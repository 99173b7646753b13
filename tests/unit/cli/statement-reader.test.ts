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
    const parts = fc.constantFrom("'a;b'", '"c;d"', '$$;$$', '/*;*/', '--;\n', ';', 'select', ' ', '1', "''", '\n');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (pieces) => {
        const whole = cut(pieces.join(''));
        const reader = new StatementReader();
        const statements = pieces.flatMap((piece) => reader.push(piece));
        expect({ statements, rest: reader.flush() }).toEqual(whole);
      }),
    );
  });
});
