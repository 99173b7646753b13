import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMIT_VARIABLES, limitsFrom } from '../../../src/local/host/limits-environment.js';
import { EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;

beforeAll(async () => {
  const limits = { memoryBytes: 64 * 1024 ** 2, temporaryDiskBytes: 1024 ** 2 };
  fixture = await EngineFixture.start({ limits });
});

afterAll(async () => await fixture.stop());

/** It never ends by itself. */
const ENDLESS =
  'select count(*) from table(generator(rowcount => 1000000)) a, table(generator(rowcount => 1000000)) b where random() = 0.5';

describe('a statement that needs more than there is', () => {
  it('ends with an error that says so; others and the next one of its session go on', async () => {
    const greedy = await fixture.session();
    const modest = await fixture.workspace('MODEST');
    await modest.run('alter session set use_cached_result = false');
    await modest.run('create table T as select seq4() as A from table(generator(rowcount => 1000))');
    const failing = greedy.fails(
      'select listagg(X) from (select seq4() as A, repeat(to_varchar(seq4()), 40) as X from table(generator(rowcount => 1000000)) order by X)',
    );
    let answers = 0;
    const done = failing.then(() => true);
    while (!(await Promise.race([done, modest.cell('select sum(A) from T').then((sum) => sum !== '499500')])))
      answers += 1;
    expect(await failing).toMatchObject({
      number: '000603',
      sqlState: '57014',
      message: expect.stringContaining('memory'),
    });
    expect(answers).toBeGreaterThan(0);
    expect(await greedy.cell('select 1')).toBe('1');
    expect(await modest.cell('select count(*) from T')).toBe('1000');
  });
});

describe('a statement behind another one of its session', () => {
  it('is cancelled while it waits', async () => {
    const client = await fixture.session();
    const first = new AbortController();
    const second = new AbortController();
    const running = client.fails(ENDLESS, { signal: first.signal });
    const queryId = randomUUID();
    const waiting = client.fails('select 2', { signal: second.signal, queryId });
    second.abort();
    expect((await waiting).number).toBe('000604');
    expect(await fixture.engine.history(queryId)).toMatchObject({ status: 'FAILED_WITH_ERROR', errorNumber: '000604' });
    first.abort();
    expect((await running).number).toBe('000604');
    expect(await client.cell('select 3')).toBe('3');
  });

  it('waits as long as STATEMENT_QUEUED_TIMEOUT_IN_SECONDS lets it', async () => {
    const client = await fixture.session();
    const first = new AbortController();
    const running = client.fails(ENDLESS, { signal: first.signal });
    const parameters = { STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: 0.1 };
    expect(await client.fails('select 2', { parameters })).toMatchObject({
      number: '000630',
      message: expect.stringContaining('queued timeout of 0.1 second'),
    });
    first.abort();
    await running;
  });
});

describe('STATEMENT_TIMEOUT_IN_SECONDS', () => {
  it('ends a statement, also one set for the session', async () => {
    const client = await fixture.session();
    await client.run('alter session set statement_timeout_in_seconds = 0.1');
    expect(await client.fails(ENDLESS)).toMatchObject({ number: '000630', sqlState: '57014' });
    expect(await client.cell('select 1')).toBe('1');
  });
});

describe('the variables of limits', () => {
  it('are read in their units; what makes no sense is left out', () => {
    const env = Object.fromEntries(Object.values(LIMIT_VARIABLES).map(([name], i) => [name, String(i + 1)]));
    expect(limitsFrom(env)).toEqual({
      sessions: 1,
      statements: 2,
      statementSeconds: 3,
      mostStatementSeconds: 4,
      memoryBytes: 5 * 1024 ** 2,
      temporaryDiskBytes: 6 * 1024 ** 2,
      resultDiskBytes: 7 * 1024 ** 2,
      reusedResultBytes: 8 * 1024 ** 2,
      historyRows: 9,
      historyDays: 10,
    });
    expect(limitsFrom({ MCP_SNOW_LOCAL_SESSIONS: 'many', MCP_SNOW_LOCAL_HISTORY_DAYS: '-1' })).toEqual({});
  });
});
