import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let a: Client;
let b: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(async () => await fixture.stop());
beforeEach(async () => {
  a = await fixture.workspace();
  b = await fixture.workspace();
  await a.run('CREATE OR REPLACE TABLE t (a INT NOT NULL, b VARCHAR)');
  await a.run("INSERT INTO t VALUES (1, 'one'), (2, 'two')");
});

const count = async (client: Client): Promise<string | null | undefined> => await client.cell('SELECT count(*) FROM t');

describe('a transaction', () => {
  test('is seen by others when it commits, and not before', async () => {
    await a.run('BEGIN');
    await a.run("INSERT INTO t VALUES (3, 'three')");
    expect(await count(a)).toBe('3');
    expect(await count(b)).toBe('2');
    await a.run('COMMIT');
    expect(await count(b)).toBe('3');
  });

  test('leaves nothing when it is rolled back', async () => {
    await a.run('START TRANSACTION');
    await a.run('DELETE FROM t');
    await a.run('ROLLBACK');
    expect(await count(a)).toBe('2');
  });

  test('goes on after a statement failed, with everything before it', async () => {
    await a.run('BEGIN');
    await a.run("INSERT INTO t VALUES (3, 'three')");
    await a.run("UPDATE t SET b = 'x' WHERE a = 1");
    expect((await a.fails("INSERT INTO t VALUES (NULL, 'none')")).number).toBe('100072');
    expect((await a.fails('SELECT * FROM missing')).number).toBe('002003');
    await a.run("INSERT INTO t VALUES (4, 'four')");
    await a.run('COMMIT');
    expect(await b.rows('SELECT a, b FROM t ORDER BY a')).toEqual([
      ['1', 'x'],
      ['2', 'two'],
      ['3', 'three'],
      ['4', 'four'],
    ]);
  });

  test('that cannot be repeated after an error says so until it is rolled back, and writes nothing', async () => {
    await a.run('CREATE OR REPLACE SEQUENCE s');
    await a.run('BEGIN');
    await a.run("INSERT INTO t SELECT s.nextval, 'drawn'");
    expect((await a.fails("INSERT INTO t VALUES (NULL, 'none')")).number).toBe('100072');
    expect((await a.fails("INSERT INTO t VALUES (9, 'nine')")).number).toBe('090236');
    expect((await a.fails('COMMIT')).number).toBe('090236');
    expect(await count(a)).toBe('2');
    await a.run("INSERT INTO t VALUES (3, 'three')");
    expect(await count(b)).toBe('3');
  });

  test('sees what others committed after it began, until it has written itself', async () => {
    await a.run('BEGIN');
    expect(await count(a)).toBe('2');
    await b.run("INSERT INTO t VALUES (3, 'three')");
    expect(await count(a)).toBe('3');
    await a.run("UPDATE t SET b = 'mine' WHERE a = 3");
    await a.run('COMMIT');
    expect(await b.rows('SELECT b FROM t WHERE a = 3')).toEqual([['mine']]);
  });

  test('commits before DDL', async () => {
    await a.run('BEGIN');
    await a.run("INSERT INTO t VALUES (3, 'three')");
    await a.run('CREATE OR REPLACE TABLE other (x INT)');
    await a.run('ROLLBACK');
    expect(await count(b)).toBe('3');
  });

  test('opens by itself when AUTOCOMMIT is off', async () => {
    await a.run('ALTER SESSION SET AUTOCOMMIT = FALSE');
    await a.run("INSERT INTO t VALUES (3, 'three')");
    expect(await count(b)).toBe('2');
    await a.run('ROLLBACK');
    expect(await count(a)).toBe('2');
    await a.run("INSERT INTO t VALUES (3, 'three')");
    await a.run('COMMIT');
    expect(await count(b)).toBe('3');
  });

  test('is rolled back when its session closes', async () => {
    const c = await fixture.workspace();
    await c.run('BEGIN');
    await c.run('DELETE FROM t');
    await c.session.close();
    expect(await count(a)).toBe('2');
    await a.run('DELETE FROM t WHERE a = 1');
    expect(await count(a)).toBe('1');
  });
});

describe('writers of one table', () => {
  test('wait for each other instead of failing, and no change is lost', async () => {
    await a.run('CREATE OR REPLACE TABLE counter (n INT)');
    await a.run('INSERT INTO counter VALUES (0)');
    const clients = await Promise.all(Array.from({ length: 4 }, async () => await fixture.workspace()));
    await Promise.all(
      clients.map(async (client) => {
        for (let i = 0; i < 10; i++) await client.run('UPDATE counter SET n = n + 1');
      }),
    );
    expect(await a.cell('SELECT n FROM counter')).toBe('40');
  });

  test('wait for a transaction that has changed the table', async () => {
    await a.run('BEGIN');
    await a.run("UPDATE t SET b = 'a' WHERE a = 1");
    const waiting = b.run("UPDATE t SET b = b || 'b' WHERE a = 1");
    expect(await Promise.race([waiting.then(() => 'done'), a.run('SELECT 1').then(() => 'waiting')])).toBe('waiting');
    await a.run('COMMIT');
    await waiting;
    expect(await a.rows('SELECT b FROM t WHERE a = 1')).toEqual([['ab']]);
  });

  test('insert side by side', async () => {
    await a.run('BEGIN');
    await a.run("INSERT INTO t VALUES (3, 'a')");
    await b.run("INSERT INTO t VALUES (4, 'b')");
    await a.run('COMMIT');
    expect(await count(b)).toBe('4');
  });

  test('are told when they would wait for each other for ever', async () => {
    await a.run('CREATE OR REPLACE TABLE u (x INT)');
    await a.run('INSERT INTO u VALUES (1)');
    await a.run('BEGIN');
    await b.run('BEGIN');
    await a.run("UPDATE t SET b = 'a'");
    await b.run('UPDATE u SET x = 2');
    const waiting = a.run('UPDATE u SET x = 3');
    expect((await b.fails("UPDATE t SET b = 'b'")).number).toBe('000625');
    await b.run('ROLLBACK');
    await waiting;
    await a.run('COMMIT');
    expect(await b.cell('SELECT x FROM u')).toBe('3');
  });

  test('give up after LOCK_TIMEOUT', async () => {
    await a.run('BEGIN');
    await a.run("UPDATE t SET b = 'a'");
    await b.run('ALTER SESSION SET LOCK_TIMEOUT = 1');
    expect((await b.fails("UPDATE t SET b = 'b'")).number).toBe('000625');
    await a.run('ROLLBACK');
  });
});

describe('a request id', () => {
  test('that comes again gives the first answer and changes nothing, also after a restart', async () => {
    const requestId = randomUUID();
    const first = await a.run("INSERT INTO t VALUES (3, 'three')", { requestId });
    const again = await a.run("INSERT INTO t VALUES (3, 'three')", { requestId });
    expect(again.rows).toEqual([['1']]);
    expect(again.outcome.queryId).toBe(first.outcome.queryId);
    expect(again.outcome.statementTypeId).toBe(0x3100);
    await fixture.restart();
    a = await fixture.workspace();
    const later = await a.run("INSERT INTO t VALUES (3, 'three')", { requestId });
    expect(later.outcome.queryId).toBe(first.outcome.queryId);
    expect(await count(a)).toBe('3');
  });

  test('of a change of the catalog is remembered too', async () => {
    const requestId = randomUUID();
    await a.run('CREATE OR REPLACE TABLE once (x INT)', { requestId });
    await a.run('INSERT INTO once VALUES (1)');
    expect(await a.rows('CREATE OR REPLACE TABLE once (x INT)', { requestId })).toEqual([
      ['Table ONCE successfully created.'],
    ]);
    expect(await a.cell('SELECT count(*) FROM once')).toBe('1');
  });

  test('of a statement that failed is not remembered', async () => {
    const requestId = randomUUID();
    await a.fails('INSERT INTO later VALUES (1)', { requestId });
    await a.run('CREATE OR REPLACE TABLE later (x INT)');
    expect(await a.rows('INSERT INTO later VALUES (1)', { requestId })).toEqual([['1']]);
  });
});
