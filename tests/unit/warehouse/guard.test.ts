import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import { checkAllowed, guardStatement } from '../../../src/warehouse/guard/guard.js';
import type { StatementClass } from '../../../src/warehouse/statement-kind.js';

function refusal(work: () => unknown): SnowError {
  try {
    work();
  } catch (error) {
    if (error instanceof SnowError) return error;
    throw error;
  }
  return expect.unreachable('it should have been refused');
}

const READS = [
  'SELECT 1',
  '(SELECT 1) UNION ALL (SELECT 2)',
  'WITH a AS (SELECT 1), b(x) AS (SELECT 2) SELECT * FROM a, b',
  'WITH a AS (SELECT 1) (SELECT * FROM a)',
  'WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 2) SELECT * FROM r',
  'WITH list AS (SELECT 1), comment (x) AS (SELECT 2) SELECT * FROM list, comment',
  'SHOW TABLES',
  'SHOW TABLES IN SCHEMA a.b ->> SELECT "name" FROM $1',
  'DESCRIBE TABLE t',
  'DESC VIEW v',
  'LIST @stage/path',
  'LS @~',
  'SELECT $1, $2 FROM @stage/file.csv (FILE_FORMAT => f)',
  'EXPLAIN DELETE FROM t',
  'EXPLAIN USING TEXT SELECT 1',
  'VALUES (1), (2)',
  'CALL SYSTEM$WAIT(5)',
  "SELECT SYSTEM$TYPEOF('a')",
  "SELECT INSERT('abc', 1, 0, 'x'), CASE WHEN a = 1 THEN 'delete' END FROM t",
  'SELECT "INTO", "DELETE" FROM t',
];

const WRITES: readonly (readonly [string, readonly StatementClass[]])[] = [
  ['INSERT INTO t SELECT 1', ['dml']],
  ['WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a', ['dml']],
  ['UPDATE t SET a = 1', ['dml']],
  ['DELETE FROM t', ['dml']],
  ['MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE', ['dml']],
  ['TRUNCATE TABLE t', ['dml']],
  ['COPY INTO t FROM @stage', ['dml']],
  ['REMOVE @stage/x', ['dml']],
  ['SELECT s.NEXTVAL', ['dml']],
  ['SELECT * FROM TABLE(GETNEXTVAL(s))', ['dml']],
  ['CREATE TABLE t AS SELECT 1', ['ddl']],
  ['DROP TABLE t', ['ddl']],
  ['UNDROP TABLE t', ['ddl']],
  ['ALTER TABLE t ADD COLUMN b INT', ['ddl']],
  ["COMMENT ON TABLE t IS 'x'", ['ddl']],
  ['GRANT ROLE a TO USER b', ['ddl']],
  ['CALL p()', ['dml', 'ddl']],
  ['EXECUTE TASK t', ['dml', 'ddl']],
  ["SELECT SYSTEM$CANCEL_QUERY('x')", ['dml', 'ddl']],
  ['SELECT "SYSTEM$ABORT_SESSION"(1)', ['dml', 'ddl']],
  ["EXPLAIN SELECT SYSTEM$CANCEL_QUERY('x')", ['dml', 'ddl']],
  ['SHOW TABLES ->> CREATE TABLE t AS SELECT * FROM $1', ['read', 'ddl']],
];

const REFUSED = [
  'BEGIN INSERT INTO t VALUES (1); END',
  'DECLARE x INT; BEGIN RETURN 1; END',
  'FOR i IN 1 TO 2 DO SELECT 1; END FOR',
  "EXECUTE IMMEDIATE 'DROP TABLE t'",
  'EXECUTE IMMEDIATE $$ DROP TABLE t $$',
  "PUT 'file:///etc/passwd' @stage",
  "GET @stage 'file:///tmp'",
  'SELECT 1 INTO :x',
  'SELECT * FROM (DELETE FROM t)',
  'WITH a AS (INSERT INTO t VALUES (1)) SELECT 1',
  'WITH a AS (SELECT 1)',
  'FLY ME TO THE MOON',
  '1 + 1',
  '"SELECT" 1',
  "SELECT 'never closed",
  'SELECT "never closed',
  'SELECT $$ never closed',
  'SELECT 1 /* never closed',
  'SELECT 1 /* a /* b */',
  'SELECT 1 -- x\rDROP TABLE t',
  'SELECT a$$;DROP TABLE t;$$',
  'SELECT $1 FROM @stage/a//b',
  'SELECT 1)',
  'WITH a AS (SELECT 1), DELETE FROM t',
  'WITH a AS (SELECT 1), INSERT INTO t SELECT 1',
  'WITH a AS (SELECT 1) DROP TABLE t',
  "'(' DROP TABLE t",
  'ALTER SESSION SET "AUTOCOMMIT" = FALSE',
  'ALTER SESSION SET TIMEZONE = $x + 1',
  '(DROP TABLE t)',
];

describe('guardStatement', () => {
  it.each(READS)('takes as read: %s', (sql) => {
    expect(guardStatement(sql)).toMatchObject({ class: 'read', write: false, leavesState: false });
    checkAllowed(guardStatement(sql), ['read']);
  });

  it.each(WRITES)('takes as a write: %s', (sql, requires) => {
    const statement = guardStatement(sql);
    expect(statement).toMatchObject({ requires, write: true });
    checkAllowed(statement, ['read', 'dml', 'ddl']);
    for (const missing of requires.filter((need) => need !== 'read'))
      expect(
        refusal(() =>
          checkAllowed(
            statement,
            (['read', 'dml', 'ddl'] as const).filter((name) => name !== missing),
          ),
        ).code,
      ).toBe('STATEMENT_NOT_ALLOWED');
  });

  it.each(REFUSED)('refuses: %s', (sql) => {
    const { data } = refusal(() => guardStatement(sql));
    expect(data).toMatchObject({ code: 'STATEMENT_NOT_ALLOWED', hint: expect.stringMatching(/./) });
  });

  it.each(['', '  \n', ';;', '-- nothing', '/* nothing */ // at all'])('finds %j empty', (sql) => {
    expect(refusal(() => guardStatement(sql)).code).toBe('INVALID_ARGUMENT');
  });

  it('says what a read-only server would need to allow', () => {
    const { data } = refusal(() => checkAllowed(guardStatement('delete from t'), ['read']));
    expect(data.message).toContain('DELETE is a dml statement');
    expect(data.hint).toContain('serve --allow read,dml');
  });

  it('knows what changes the session', () => {
    expect(guardStatement('USE SCHEMA a.b')).toMatchObject({ class: 'read', changesSession: true, leavesState: false });
    expect(guardStatement("alter session set timezone = 'Europe/Vienna', week_start = 1")).toMatchObject({
      changesSession: true,
      sessionParameters: { TIMEZONE: 'Europe/Vienna', WEEK_START: '1' },
    });
    expect(guardStatement("ALTER SESSION SET A = ',' B = -1").sessionParameters).toEqual({ A: ',', B: '-1' });
    expect(guardStatement('ALTER SESSION UNSET TIMEZONE').sessionParameters).toEqual({ TIMEZONE: null });
  });

  it.each([
    'CREATE OR REPLACE TEMPORARY TABLE t (a INT)',
    'SET x = 1',
    'UNSET x',
    'BEGIN',
    'START TRANSACTION',
    'COMMIT',
    'ROLLBACK',
    'USE SECONDARY ROLES ALL',
    'ALTER SESSION SET AUTOCOMMIT = FALSE',
  ])('lets only a pinned session leave state behind: %s', (sql) => {
    const statement = guardStatement(sql);
    expect(statement.leavesState).toBe(true);
    expect(refusal(() => checkAllowed(statement, ['read', 'dml', 'ddl'])).data.hint).toMatch(/./);
    checkAllowed(statement, ['read', 'dml', 'ddl'], { pinned: true });
  });

  it('lets only a pinned session refer to its last query', () => {
    const statement = guardStatement('SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))');
    expect(refusal(() => checkAllowed(statement, ['read'])).data.hint).toContain('RESULT_SCAN');
    checkAllowed(statement, ['read'], { pinned: true });
  });
});

describe('however a statement is written', () => {
  const filler = fc
    .array(
      fc.oneof(
        fc.constantFrom(' ', '\n', '\t', '\r\n'),
        fc.stringMatching(/^[a-z';" $@]{0,12}$/).map((text) => `-- ${text}\n`),
        fc.stringMatching(/^[a-z';" $@]{0,12}$/).map((text) => `// ${text}\n`),
        fc.stringMatching(/^[a-z';" $@-]{0,12}$/).map((text) => `/* ${text} */`),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join(''));

  const literal = fc.oneof(
    fc.stringMatching(/^[a-z;"$*/ -]{0,12}$/).map((text) => `'${text}'`),
    fc.constantFrom("'it''s; DROP TABLE t'", "'it\\'s; DROP TABLE t'", '$$; DROP TABLE t; $$', '"a""; DROP TABLE t"'),
  );

  const spelled = (word: string): fc.Arbitrary<string> =>
    fc
      .infiniteStream(fc.boolean())
      .map((upper) =>
        [...word].map((letter) => (upper.next().value ? letter.toUpperCase() : letter.toLowerCase())).join(''),
      );

  const templates: readonly (readonly [readonly string[], StatementClass])[] = [
    [['SELECT', '?', 'FROM', 't'], 'read'],
    [['WITH', 'a', 'AS', '(', 'SELECT', '?', ')', 'SELECT', '?', 'FROM', 'a'], 'read'],
    [['SHOW', 'TABLES', 'LIKE', '?'], 'read'],
    [['INSERT', 'INTO', 't', 'SELECT', '?'], 'dml'],
    [['DELETE', 'FROM', 't', 'WHERE', 'a', '=', '?'], 'dml'],
    [['CREATE', 'TABLE', 't', 'AS', 'SELECT', '?'], 'ddl'],
  ];

  const written = fc
    .constantFrom(...templates)
    .chain(([words, kind]) =>
      fc
        .tuple(
          filler,
          ...words.map((word) =>
            fc.tuple(word === '?' ? literal : /^[A-Z]/.test(word) ? spelled(word) : fc.constant(word), filler),
          ),
        )
        .map(([before, ...parts]) => ({ sql: before + parts.map(([word, after]) => word + after).join(''), kind })),
    );

  it('comments, spaces, case and what stands in quotes change nothing', () => {
    fc.assert(
      fc.property(written, ({ sql, kind }) => {
        expect(guardStatement(sql).class).toBe(kind);
        expect(guardStatement(`${sql};`).class).toBe(kind);
      }),
      { numRuns: 500 },
    );
  });

  it('a second statement is never overlooked', () => {
    fc.assert(
      fc.property(written, written, filler, (first, second, between) => {
        expect(refusal(() => guardStatement(`${first.sql};${between}${second.sql}`)).code).toBe(
          'STATEMENT_NOT_ALLOWED',
        );
      }),
      { numRuns: 500 },
    );
  });

  it('any text at all is placed or refused, quickly and with a SnowError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        try {
          guardStatement(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SnowError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
