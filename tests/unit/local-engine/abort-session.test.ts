import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace();
  await client.run('CREATE TABLE t AS SELECT 1 AS n');
});
afterAll(async () => await fixture.stop());

describe('SYSTEM$ABORT_SESSION', () => {
  test('rolls back what the session has open, frees its locks, and leaves it of no use', async () => {
    const other = await fixture.workspace();
    await other.run('BEGIN');
    await other.run('UPDATE t SET n = 2');
    const id = other.session.id;
    expect(await client.rows(`SELECT SYSTEM$ABORT_SESSION(${id})`)).toEqual([[`session [${id}] terminated.`]]);
    expect(await client.rows('UPDATE t SET n = 3 WHERE n = 1')).toEqual([['1', '0']]);
    expect((await other.fails('SELECT 1')).number).toBe('390111');
  });

  test('ends a statement that runs', async () => {
    const other = await fixture.workspace();
    const running = other.fails("SELECT SYSTEM$WAIT(60, 'SECONDS')");
    await client.rows(`SELECT SYSTEM$ABORT_SESSION('${other.session.id}')`);
    expect((await running).number).toBe('390111');
  });

  test('ends the session that asks for it after its answer, and knows no others', async () => {
    const other = await fixture.workspace();
    const id = other.session.id;
    expect(await other.cell(`select system$abort_session(${id})`)).toContain(id);
    await expect.poll(async () => (await other.fails('SELECT 1')).number).toBe('390111');
    expect((await client.fails('SELECT SYSTEM$ABORT_SESSION(12)')).message).toContain("Session '12' does not exist");
    await client.fails('SELECT SYSTEM$ABORT_SESSION()');
  });
});
