import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LocalError } from '../../../src/local/engine/local-error.js';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace();
  await client.run('CREATE TABLE n (x INT)');
  await client.run(`INSERT INTO n VALUES ${Array.from({ length: 2000 }, (_, i) => `(${i})`).join(', ')}`);
});
afterAll(async () => await fixture.stop());

const ENDLESS = 'SELECT count(*) FROM n a JOIN n b ON a.x <> b.x JOIN n c ON b.x <> c.x JOIN n d ON c.x <> d.x';

async function untilRunning(queryId: string): Promise<void> {
  while ((await fixture.engine.history(queryId))?.status !== 'RUNNING') {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function cancelWhenBusy(controller: AbortController, queryId: string): Promise<void> {
  await untilRunning(queryId);
  setImmediate(() => controller.abort());
}

describe('a cancelled statement', () => {
  test('ends with 000604, is so in the history, and the session goes on', async () => {
    const controller = new AbortController();
    const queryId = randomUUID();
    const failed = client.fails(ENDLESS, { queryId, signal: controller.signal });
    await cancelWhenBusy(controller, queryId);
    expect(await failed).toMatchObject({ number: '000604', sqlState: '57014' });
    expect(await fixture.engine.history(queryId)).toMatchObject({ status: 'FAILED_WITH_ERROR', errorNumber: '000604' });
    expect(await client.cell('SELECT count(*) FROM n')).toBe('2000');
  });

  test('leaves the transaction it was in as it was', async () => {
    await client.run('CREATE OR REPLACE TABLE kept (x INT)');
    await client.run('BEGIN');
    await client.run('INSERT INTO kept VALUES (1)');
    const controller = new AbortController();
    const queryId = randomUUID();
    const failed = client.fails(ENDLESS, { queryId, signal: controller.signal });
    await cancelWhenBusy(controller, queryId);
    expect((await failed).number).toBe('000604');
    await client.run('INSERT INTO kept VALUES (2)');
    await client.run('COMMIT');
    expect(await client.cell('SELECT count(*) FROM kept')).toBe('2');
  });

  test('gives the reason it was cancelled with', async () => {
    const controller = new AbortController();
    const queryId = randomUUID();
    const failed = client.fails('CALL SYSTEM$WAIT(60)', { queryId, signal: controller.signal });
    await cancelWhenBusy(controller, queryId);
    controller.abort(new LocalError('000630', '57014', 'too long'));
    expect(['000604', '000630']).toContain((await failed).number);
  });

  test('that had not begun does nothing', async () => {
    await client.run('CREATE OR REPLACE TABLE untouched (x INT)');
    const failed = await client.fails('INSERT INTO untouched VALUES (1)', { signal: AbortSignal.abort() });
    expect(failed.number).toBe('000604');
    expect(await client.cell('SELECT count(*) FROM untouched')).toBe('0');
  });

  test('ends when its session closes', async () => {
    const other = await fixture.workspace();
    const queryId = randomUUID();
    const failed = other.fails(ENDLESS, { queryId });
    await untilRunning(queryId);
    await other.session.close();
    expect((await failed).number).toBe('390111');
  });

  test('can be waiting for a lock', async () => {
    const other = await fixture.workspace();
    await client.run('CREATE OR REPLACE TABLE locked (x INT)');
    await client.run('BEGIN');
    await client.run('UPDATE locked SET x = 1');
    const controller = new AbortController();
    const queryId = randomUUID();
    const failed = other.fails('UPDATE locked SET x = 2', { queryId, signal: controller.signal });
    await cancelWhenBusy(controller, queryId);
    expect((await failed).number).toBe('000604');
    await client.run('COMMIT');
    await other.run('UPDATE locked SET x = 3');
  });
});

describe('STATEMENT_TIMEOUT_IN_SECONDS', () => {
  test('ends a statement with 000630, set for the session or for the statement', async () => {
    await client.run('ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1');
    expect((await client.fails(ENDLESS)).number).toBe('000630');
    await client.run('ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS');
    const parameters = { STATEMENT_TIMEOUT_IN_SECONDS: 1 };
    expect((await client.fails('SELECT SYSTEM$WAIT(20)', { parameters })).number).toBe('000630');
  });
});
