import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalError } from '../../../src/local/engine/local-error.js';
import { tokenize } from '../../../src/local/sql/lexer.js';
import { parseStatements } from '../../../src/local/sql/parse-statements.js';
import { TokenCursor } from '../../../src/local/sql/token-cursor.js';

const texts = (sql: string): string[] => parseStatements(sql).map((s) => s.text);

describe('parseStatements', () => {
  it('cuts at semicolons outside strings, comments and quoted names', () => {
    expect(texts('select \';\' ; -- a; b\nselect $$;$$ /* ; */ as "x;y"; ;')).toEqual([
      "select ';'",
      'select $$;$$ /* ; */ as "x;y"',
    ]);
  });

  it('tells where each statement starts and with which keywords', () => {
    const [, second] = parseStatements('use a;\n /* c */ create or replace table t (a int)');
    expect(second).toEqual({
      text: 'create or replace table t (a int)',
      offset: 16,
      keywords: ['CREATE', 'OR', 'REPLACE', 'TABLE', 'T'],
    });
    expect(parseStatements('(select 1) union all select 2')[0]?.keywords).toEqual(['SELECT']);
  });

  it('keeps scripting blocks whole and BEGIN as a transaction apart', () => {
    expect(texts('begin; select 1; commit')).toEqual(['begin', 'select 1', 'commit']);
    expect(texts('begin transaction; end')).toHaveLength(2);
    expect(texts('declare x int; begin if (x > 1) then select 1; else select 2; end if; end; select 3')).toHaveLength(
      2,
    );
    expect(
      texts('begin for i in 1 to 3 do select case when i = 1 then 2 end; end for; return 1; end; select 3'),
    ).toHaveLength(2);
    expect(texts('create procedure p() returns int language sql as begin return 1; end; select 3')).toHaveLength(2);
  });

  it('keeps file and stage paths that look like comments', () => {
    expect(texts('put file:///tmp/a/* @~/x; get @~/x file:///tmp/b//c')).toEqual([
      'put file:///tmp/a/* @~/x',
      'get @~/x file:///tmp/b//c',
    ]);
  });

  it('refuses an unclosed string with its place', () => {
    expect(() => parseStatements("select 1;\nselect 'a")).toThrow(LocalError);
    try {
      parseStatements("select 1;\nselect 'a");
    } catch (error) {
      expect(error).toMatchObject({ number: '001003', sqlState: '42000', line: 2, position: 7 });
    }
  });

  it('gives back every string value that was quoted', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const quoted = `'${a.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
        const statements = parseStatements(`select ${quoted}; select '${b.replace(/['\\]/g, (c) => `\\${c}`)}'`);
        expect(statements).toHaveLength(2);
        expect(tokenize(statements[0]?.text ?? '')[1]?.value).toBe(a);
        expect(tokenize(statements[1]?.text ?? '')[1]?.value).toBe(b);
      }),
    );
  });
});

describe('TokenCursor', () => {
  it('reads names, literals and nested parentheses', () => {
    const cursor = new TokenCursor(
      `create table if not exists a."b c".D (x int default f(1, 2)) comment = 'it''s' at -12`,
    );
    expect(cursor.accept('CREATE', 'VIEW')).toBe(false);
    cursor.expect('CREATE', 'TABLE');
    expect(cursor.accept('IF', 'NOT', 'EXISTS')).toBe(true);
    expect(cursor.name()).toEqual(['A', 'b c', 'D']);
    expect(cursor.parenthesised()).toMatchObject({ text: 'x int default f(1, 2)' });
    cursor.expect('COMMENT');
    cursor.expectSymbol('=');
    expect(cursor.stringLiteral()).toBe("it's");
    expect(cursor.acceptOneOf('BEFORE', 'AT')).toBe('AT');
    expect(cursor.number()).toBe(-12);
    cursor.expectEnd();
  });

  it('reads db..t and IDENTIFIER', () => {
    expect(new TokenCursor('a..t').name()).toEqual(['A', 'PUBLIC', 'T']);
    expect(new TokenCursor(`identifier('a."x"')`).name()).toEqual(['A', 'x']);
  });

  it('names the token it did not expect', () => {
    const cursor = new TokenCursor('drop tabel x');
    cursor.expect('DROP');
    expect(() => cursor.expect('TABLE')).toThrow("syntax error line 1 at position 5 unexpected 'tabel'.");
  });
});
