import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(() => fixture.stop());
beforeEach(async () => {
  client = await fixture.workspace('SCRIPTS');
  await client.run('CREATE OR REPLACE TABLE t (n int)');
});

const count = async () => await client.cell('SELECT count(*) FROM t');

describe('a script', () => {
  test('changes nothing when its request comes a second time, and answers the same', async () => {
    const text = 'BEGIN FOR i IN 1 TO 3 DO INSERT INTO t VALUES (:i); END FOR; RETURN sqlrowcount; END';
    const requestId = randomUUID();
    const first = await client.rows(text, { requestId });
    expect(await client.rows(text, { requestId })).toEqual(first);
    expect(await count()).toBe('3');
  });

  test('goes on in an open transaction after an error that it handles', async () => {
    await client.run('BEGIN');
    await client.run('INSERT INTO t VALUES (1)');
    const text = `BEGIN
      INSERT INTO t VALUES (2);
      INSERT INTO t VALUES ('x');
    EXCEPTION WHEN OTHER THEN INSERT INTO t VALUES (3);
    END`;
    await client.run(text);
    expect(await count()).toBe('3');
    await client.run('ROLLBACK');
    expect(await count()).toBe('0');
  });

  test('leaves what its statements did before an error that it does not handle', async () => {
    await client.fails("BEGIN INSERT INTO t VALUES (1); INSERT INTO t VALUES ('x'); END");
    expect(await count()).toBe('1');
  });

  test.each([
    ['a loop', 'BEGIN LOOP LET x := 1; END LOOP; END'],
    ['a handler of everything', "BEGIN CALL SYSTEM$WAIT(60); EXCEPTION WHEN OTHER THEN RETURN 'caught'; END"],
  ])('is cancelled in %s', async (_what, text) => {
    const abort = new AbortController();
    const failed = client.fails(text, { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    expect(await failed).toMatchObject({ number: '000604' });
    expect(await client.cell('SELECT 1')).toBe('1');
  });

  test('takes binds', async () => {
    const binds = { '1': { type: 'FIXED', value: '3' }, '2': { type: 'TEXT', value: "it's" } };
    expect(await client.rows('BEGIN LET x := ?; RETURN x || ?; END', { binds })).toEqual([["3it's"]]);
    const insert = 'INSERT ALL INTO t VALUES (a) INTO t VALUES (a + length(?)) SELECT ? AS a';
    const swapped = { '1': binds['2'], '2': binds['1'] };
    expect(await client.rows(insert, { binds: swapped })).toEqual([['1', '1']]);
    expect(await client.rows('SELECT n FROM t ORDER BY n')).toEqual([['3'], ['7']]);
  });

  test('gives its statements query ids of their own', async () => {
    const text =
      'BEGIN SELECT 5 AS a; LET id := sqlid; LET r RESULTSET := (SELECT * FROM TABLE(RESULT_SCAN(:id))); RETURN TABLE(r); END';
    expect(await client.rows(text)).toEqual([['5']]);
  });
});

describe('a procedure', () => {
  test("works in its own schema, and leaves the caller's as it was", async () => {
    await client.run(
      "CREATE OR REPLACE PROCEDURE here() RETURNS varchar LANGUAGE SQL AS 'BEGIN RETURN current_schema(); END'",
    );
    await client.run(
      "CREATE OR REPLACE PROCEDURE there() RETURNS varchar LANGUAGE SQL EXECUTE AS CALLER AS 'BEGIN RETURN current_schema(); END'",
    );
    await client.run('CREATE OR REPLACE SCHEMA other');
    expect(await client.rows('CALL public.here()')).toEqual([['PUBLIC']]);
    expect(await client.rows('CALL public.there()')).toEqual([['OTHER']]);
    expect(await client.cell('SELECT current_schema()')).toBe('OTHER');
  });

  test('in JavaScript is cancelled', async () => {
    await client.run("CREATE OR REPLACE PROCEDURE spin() RETURNS float LANGUAGE JAVASCRIPT AS 'while (true);'");
    const abort = new AbortController();
    const failed = client.fails('CALL spin()', { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    expect(await failed).toMatchObject({ number: '000604' });
  });
});

test('what was defined is there after a restart', async () => {
  await client.run("CREATE OR REPLACE FUNCTION f(x int) RETURNS int AS 'x + 1'");
  await client.run("CREATE OR REPLACE FUNCTION g(x float) RETURNS float LANGUAGE JAVASCRIPT AS 'return X + 1;'");
  await client.run('CREATE OR REPLACE STREAM s ON TABLE t');
  await client.run('CREATE OR REPLACE FILE FORMAT ff TYPE = JSON');
  await client.run('INSERT INTO t VALUES (7)');
  await client.run('GRANT SELECT ON TABLE t TO ROLE public');
  await fixture.restart();
  client = await fixture.session();
  await client.run('USE SCHEMA scripts.public');
  expect(await client.rows('SELECT f(1), g(1), n, metadata$action FROM s')).toEqual([['2', '2', '7', 'INSERT']]);
  expect(await client.rows('SHOW FILE FORMATS')).toHaveLength(1);
  expect(await client.rows('SHOW GRANTS ON TABLE t')).toHaveLength(2);
});
