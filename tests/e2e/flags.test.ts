import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditJson, JobJson } from '../../src/cli/json-names.js';
import { modernClient, type TestClient } from './mcp-clients.js';
import { Place } from './processes.js';

let place: Place;
let server: TestClient;
let worker: { readonly pid?: number | undefined };
beforeAll(async () => {
  place = new Place();
  worker = await place.worker('--concurrency', '1');
  server = await modernClient(place.server('--client', 'ann', '--worker-concurrency', '1'));
});
afterAll(async () => {
  await server.close();
  await place.end();
});

const flag = (...args: string[]) => place.json('flag', ...args);
const answer = async (tool: string, args: Record<string, unknown>) => (await server.call(tool, args)).structuredContent;
const value = async (sql: string) => ((await answer('query', { sql })) as { rows: unknown[][] }).rows[0]?.[0];
const jobsOf = async (client: string) =>
  (await place.json<{ jobs: JobJson[] }>('jobs', 'list', '--client', client, '--limit', '100')).jobs;

describe('flags set from the command line', () => {
  it('hold in running processes from the next call on: client-sessions', async () => {
    await answer('set_session', { database: 'SNOWFLAKE_SAMPLE_DATA' });
    expect(await value('select current_database()')).toBe('SNOWFLAKE_SAMPLE_DATA');
    await flag('set', 'client-sessions', 'off', '--client', 'ann');
    expect(await value('select current_database()')).not.toBe('SNOWFLAKE_SAMPLE_DATA');
    await flag('set', 'client-sessions', 'unset', '--client', 'ann');
    expect(await value('select current_database()')).toBe('SNOWFLAKE_SAMPLE_DATA');
  });

  it('hold in running workers from the next claim on: fair-queue', async () => {
    // The only worker for everybody is busy while others queue up.
    const enqueue = (client: string, sql: string) => place.json('enqueue', 'query', sql, '--client', client);
    await enqueue('busy', "select system$wait(4, 'SECONDS')");
    await flag('set', 'fair-queue', 'off');
    for (const client of ['one', 'one', 'one', 'two']) await enqueue(client, 'select 1');
    await place.run(['enqueue', 'query', 'select 2', '--client', 'two', '--wait', '--db', place.db]);
    const jobs = [...(await jobsOf('one')), ...(await jobsOf('two'))];
    const inOrder = (by: 'created_at' | 'started_at') =>
      [...jobs].sort((a, b) => (a[by] ?? 0) - (b[by] ?? 0)).map(({ client }) => client);
    expect(inOrder('started_at')).toEqual(inOrder('created_at'));
    await flag('set', 'fair-queue', 'unset');
  });

  it('hold in running servers from the next admission on: job-queue', async () => {
    await flag('set', 'job-queue', 'off', '--client', 'ann');
    expect(await server.call('start_query', { sql: 'select 1' })).toMatchObject({
      isError: true,
      structuredContent: { code: 'INVALID_ARGUMENT' },
    });
    const { job_id } = (await answer('query', { sql: 'select 7', wait_s: 0 })) as { job_id: string };
    const job = await place.json<JobJson>('jobs', 'show', job_id);
    expect(job).toMatchObject({ state: 'succeeded', flags: { 'job-queue': false } });
    const { workers } = await place.json<{ workers: { id: string; pid: number }[] }>('stats');
    expect(workers.find(({ id }) => id === job.worker)?.pid).not.toBe(worker.pid);
    await flag('set', 'job-queue', 'unset', '--client', 'ann');
    expect((await server.call('start_query', { sql: 'select 1' })).isError).toBeUndefined();
  });

  it('are listed as they are for a client, with who changed what', async () => {
    await flag('set', 'job-queue', 'on', '--percent', '50');
    const { flags } = (await flag('list', '--client', 'ann')) as { flags: { flag: string; state: string }[] };
    expect(flags.find((each) => each.flag === 'distributed-store')?.state).toBe('not in this version');
    const { changes } = (await flag('history', '--limit', '2')) as { changes: Record<string, unknown>[] };
    expect(changes).toMatchObject([
      { flag: 'job-queue', scope: { percentage: 50 }, after: true, by: expect.stringMatching(/^cli@/) },
      { flag: 'job-queue', scope: { client: 'ann' }, before: false },
    ]);
    expect(changes[1]).not.toHaveProperty('after');
  });
});

describe('phases', () => {
  it('switch their flags, and tell what is missing', async () => {
    const state = async (...args: string[]) =>
      (await place.json<{ phases: { phase: number; state: string }[] }>('phase', ...args)).phases;
    expect(await state('disable', '1')).toMatchObject([{ phase: 1, state: 'off' }]);
    expect((await state('status')).map(({ phase }) => phase)).toEqual([1, 2, 3, 4, 5]);
    expect(await state('enable', '1')).toMatchObject([{ phase: 1, state: 'on' }]);
    expect((await state('status')).at(-1)).toMatchObject({ phase: 5, state: 'not in this version' });
  });
});

describe('what cannot be', () => {
  it.each([[['flag', 'set', 'nope', 'on'], 'job-queue']])('is refused in one line: %s', async (args, says) => {
    const { code, stdout, stderr } = await place.run([...args, '--db', place.db]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^mcp-snow: .*\n$/);
    expect(stderr).toContain(says);
  });
});

describe('audit list', () => {
  it('tells of calls and refusals, filtered and page by page', async () => {
    const list = async (...args: string[]) =>
      await place.json<{ entries: AuditJson[]; next_cursor?: string }>('audit', 'list', ...args);
    expect((await server.call('query', { sql: "drop table secret_table -- 's3cret'" })).isError).toBe(true);
    const { entries } = await list('--client', 'ann', '--outcome', 'refused', '--since', '1h', '--limit', '1');
    expect(entries).toMatchObject([{ client: 'ann', tool: 'query', verb: 'DROP', code: 'STATEMENT_NOT_ALLOWED' }]);
    expect(JSON.stringify(await list('--limit', '1000'))).not.toMatch(/secret_table|s3cret/);

    const all = await list('--limit', '1000');
    const first = await list('--limit', '3');
    const second = await list('--limit', '1000', '--cursor', first.next_cursor ?? '');
    expect([...first.entries, ...second.entries]).toEqual(all.entries);
    const page = await place.run(['audit', 'list', '--db', place.db]);
    expect(page.stdout).toMatch(/WHEN\s+CLIENT\s+TOOL/);
  });
});
