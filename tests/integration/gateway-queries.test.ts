import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Gateway, WaitProgress } from '../../src/gateway/requests.js';
import { GatewayRig } from './gateway-rig.js';

describe('gateway', () => {
  let rig: GatewayRig;
  let gateway: Gateway;
  const ann: Caller = { client: 'ann' };
  const bob: Caller = { client: 'bob' };

  beforeAll(async () => {
    rig = await GatewayRig.open();
    gateway = rig.gateway();
    await rig.work();
    for (const sql of ['create database g', 'create table g.public.numbers (n number(38,0), label varchar)'])
      expect((await gateway.query(ann, { sql })).error).toBeUndefined();
    const rows = Array.from({ length: 250 }, (_, n) => `(${n}, 'label ${n}')`).join(', ');
    const filled = await gateway.query(ann, { sql: `insert into g.public.numbers values ${rows}` });
    expect(filled).toMatchObject({ state: 'succeeded', rows_affected: 250, rows: [[250]] });
  });

  afterAll(async () => {
    await rig.close();
  });

  it('answers a query with binds, columns and times', async () => {
    const answer = await gateway.query(ann, { sql: 'select n, label from g.public.numbers where n = ?', binds: [7] });
    expect(answer).toMatchObject({ state: 'succeeded', rows: [[7, 'label 7']], row_count: 1, truncated: false });
    expect(answer.columns.map(({ name, type }) => `${name} ${type.replace(/\(.*/, '')}`)).toEqual([
      'N NUMBER',
      'LABEL VARCHAR',
    ]);
    expect(answer.query_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.next_cursor).toBeUndefined();
    expect(answer.elapsed_ms).toBeGreaterThanOrEqual(0);
  });

  it('pages through a stored result without skipping or repeating a row', async () => {
    const first = await gateway.query(ann, { sql: 'select n from g.public.numbers order by n', maxRows: 99 });
    expect(first).toMatchObject({ row_count: 250 });
    const seen = [...first.rows];
    let cursor = first.next_cursor;
    while (cursor !== undefined) {
      const page = await gateway.jobResult(ann, { id: first.job_id, cursor, maxRows: 99 });
      seen.push(...page.rows);
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => [n]));
    await expect(gateway.jobResult(ann, { id: first.job_id, cursor: 'made up' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('keeps to the rows of a page that a statement was started with', async () => {
    const sql = 'select n from g.public.numbers order by n';
    const { job_id: id } = await gateway.startQuery(ann, { sql, maxRows: 100 });
    const first = await gateway.jobResult(ann, { id, waitS: 10 });
    expect(first).toMatchObject({ row_count: 250, truncated: false });
    const second = await gateway.jobResult(ann, { id, cursor: first.next_cursor });
    const rest = await gateway.jobResult(ann, { id, cursor: second.next_cursor, maxRows: 1_000 });
    expect([first, second, rest].map(({ rows }) => rows.length)).toEqual([100, 100, 50]);
    await expect(gateway.startQuery(ann, { sql, maxRows: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('lists in the background, with the checks of a listing that is waited for', async () => {
    const via = { ...ann, via: 'enqueue' };
    const question = { subject: 'columns', table: 'g.public.numbers' };
    const { job_id: id } = await gateway.startListing(via, { ...question, priority: 'low', idempotencyKey: 'columns' });
    const { rows } = await gateway.jobResult(ann, { id, waitS: 10 });
    expect(rows.map((row) => row[0])).toEqual(['N', 'LABEL']);
    expect(await gateway.startListing(via, { ...question, idempotencyKey: 'columns' })).toMatchObject({ job_id: id });
    expect((await gateway.jobStatus(ann, id)).priority).toBe('low');
    const { entries } = await rig.store.audit({ client: 'ann', limit: 1_000 });
    const admitted = entries.find(({ jobId, tool }) => jobId === id && tool === 'enqueue');
    expect(admitted).toMatchObject({ verb: 'DESCRIBE' });

    const refused = [
      [ann, { subject: 'roles' }, 'INVALID_ARGUMENT'],
      [ann, { subject: 'columns' }, 'INVALID_ARGUMENT'],
      [ann, { subject: 'tables', table: 't' }, 'INVALID_ARGUMENT'],
      [ann, { subject: 'tables', database: 'a"; drop' }, 'INVALID_ARGUMENT'],
      [{ ...ann, scopes: ['jobs'] }, question, 'NOT_PERMITTED'],
      [{ client: 'kept' }, question, 'STATEMENT_NOT_ALLOWED'],
    ] as const;
    await rig.store.saveClient('kept', { permissions: { databases: ['OTHER'] } });
    for (const [caller, request, code] of refused)
      await expect(gateway.startListing(caller, request), JSON.stringify(request)).rejects.toMatchObject({ code });
  });

  it('says when the cap on stored rows has cut the result', async () => {
    const capped = rig.gateway({ limits: { storedRows: 10 } });
    const answer = await capped.query(ann, { sql: 'select n from g.public.numbers order by n' });
    expect(answer).toMatchObject({ truncated: true, row_count: 10 });
    expect(answer.rows).toHaveLength(10);
  });

  it('gives the job’s error as Snowflake tells it', async () => {
    const answer = await gateway.query(ann, { sql: 'select * from g.public.nothing_here' });
    expect(answer).toMatchObject({
      state: 'failed',
      rows: [],
      error: { code: 'SNOWFLAKE_ERROR', number: '002003', sqlState: '42S02' },
    });
    expect(await gateway.jobStatus(ann, answer.job_id)).toMatchObject({ state: 'failed', error: { number: '002003' } });
  });

  it('refuses before anything is queued, and says what would be allowed', async () => {
    const readOnly = rig.gateway({ allow: ['read'] });
    const before = (await rig.store.stats()).clients.eve?.total ?? 0;
    const eve = { client: 'eve' };
    const refused = [
      readOnly.query(eve, { sql: 'insert into g.public.numbers values (1, null)' }),
      readOnly.query(eve, { sql: 'select 1; select 2' }),
      gateway.query(eve, { sql: 'create temporary table t (n int)' }),
      gateway.startQuery(eve, { sql: 'begin' }),
    ];
    for (const refusal of refused) await expect(refusal).rejects.toMatchObject({ code: 'STATEMENT_NOT_ALLOWED' });
    await expect(refused[0]).rejects.toMatchObject({ data: { hint: expect.stringContaining('--allow read,dml') } });
    const bad = [
      { maxRows: 0 },
      { maxRows: 1.5 },
      { waitS: 56 },
      { waitS: -1 },
      { timeoutS: 0 },
      { session: '' },
      { database: 'a"b' },
    ];
    for (const wrong of bad)
      await expect(gateway.query(eve, { sql: 'select 1', ...wrong })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    expect((await rig.store.stats()).clients.eve?.total ?? 0).toBe(before);
  });

  it('answers the job id when the work takes longer than the wait, and the job lives on', async () => {
    const answer = await gateway.query(ann, { sql: "select system$wait(600, 'MILLISECONDS')", waitS: 0.05 });
    expect(['queued', 'running']).toContain(answer.state);
    expect(answer.message).toContain('job_result');
    expect((await rig.store.find(answer.job_id))?.attached).toBe(false);
    const result = await gateway.jobResult(ann, { id: answer.job_id, waitS: 20 });
    expect(result).toMatchObject({ state: 'succeeded', rows: [['waited 600 milliseconds']] });
  });

  it('cancels the job in the warehouse when the caller goes away', async () => {
    const abort = new AbortController();
    const progress: WaitProgress[] = [];
    const asking = gateway.query(
      ann,
      { sql: "select system$wait(30, 'SECONDS')", reason: 'to be given up' },
      {
        signal: abort.signal,
        onProgress: (step) => {
          progress.push(step);
          if (step.state === 'running') abort.abort();
        },
      },
    );
    await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(progress.at(-1)).toMatchObject({ state: 'running' });
    const { jobs } = await gateway.listJobs(ann, { limit: 1 });
    expect(jobs[0]).toMatchObject({ reason: 'to be given up' });
    const ended = await gateway.jobResult(ann, { id: jobs[0]?.job_id ?? '', waitS: 10 });
    expect(ended).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
  });

  it('cancels what a caller waits for whose process is not heard of any more', async () => {
    const store = await rig.another();
    const caller = { client: 'gone' };
    const gone = rig.gateway({ store, limits: { waiterLeaseMs: 400 } });
    const asking = gone.query(caller, { sql: "select system$wait(30, 'SECONDS')" });
    const lost = expect(asking).rejects.toBeInstanceOf(Error);
    let id: string | undefined;
    while (id === undefined) {
      await delay(5);
      id = (await gateway.listJobs(caller, { states: ['running'] })).jobs[0]?.job_id;
    }
    await store.close();
    expect(await gateway.jobResult(caller, { id, waitS: 20 })).toMatchObject({ state: 'cancelled' });
    await gone.close();
    await lost;
  });

  it('cancels a running job on request and answers when that is done', async () => {
    const { job_id: id } = await gateway.startQuery(ann, { sql: "select system$wait(30, 'SECONDS')" });
    while ((await gateway.jobStatus(ann, id)).state !== 'running') await delay(10);
    expect(await gateway.jobCancel(ann, id, 'second thoughts')).toMatchObject({
      state: 'cancelled',
      error: { message: 'second thoughts' },
    });
  });

  it('has no job of one client for another', async () => {
    const { job_id: id } = await gateway.query(ann, { sql: 'select 1' });
    for (const asked of [gateway.jobStatus(bob, id), gateway.jobResult(bob, { id }), gateway.jobCancel(bob, id)])
      await expect(asked).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await gateway.listJobs(bob, {})).jobs.map((job) => job.job_id)).not.toContain(id);
    await expect(gateway.jobStatus(ann, 'no such job')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('gives the first job again for a known idempotency key', async () => {
    const request = { sql: 'insert into g.public.numbers values (1000, null)', idempotencyKey: 'once' };
    const first = await gateway.query(ann, request);
    const second = await gateway.query(ann, request);
    expect(second).toEqual(first);
    const { rows } = await gateway.query(ann, { sql: 'select count(*) from g.public.numbers where n = 1000' });
    expect(rows).toEqual([[1]]);
  });

  it('tells its place and what it allows', async () => {
    expect(await gateway.status(ann)).toMatchObject({
      connection: 'local',
      allow: ['read', 'dml', 'ddl'],
      mode: 'normal',
      breaker: 'closed',
      workers: 1,
      you: { client: 'ann' },
    });
  });
});

describe('gateway without a worker', () => {
  let rig: GatewayRig;
  const ann: Caller = { client: 'ann' };

  beforeAll(async () => {
    rig = await GatewayRig.open();
  });

  afterAll(async () => {
    await rig.close();
  });

  it('tells a waiting caller its place in the queue', async () => {
    const gateway = rig.gateway();
    await gateway.startQuery(ann, { sql: 'select 1' });
    const progress: WaitProgress[] = [];
    await gateway.query(ann, { sql: 'select 2', waitS: 0.5 }, { onProgress: (step) => progress.push(step) });
    expect(progress[0]).toMatchObject({ state: 'queued', ahead: 1 });
  });

  it('ends a job that waited for longer than the queue’s time-out', async () => {
    const impatient = rig.gateway({ limits: { queueTimeoutMs: 150 } });
    const answer = await impatient.query({ client: 'impatient' }, { sql: 'select 1', waitS: 10 });
    expect(answer).toMatchObject({ state: 'expired', error: { code: 'QUEUE_TIMEOUT' } });
  });

  it('cancels what is attached to it when it closes, and leaves the rest', async () => {
    const gateway = rig.gateway();
    const caller = { client: 'leaver' };
    const { job_id: detached } = await gateway.startQuery(caller, { sql: 'select 1' });
    const waiting = gateway.query(caller, { sql: 'select 2' });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    while ((await gateway.listJobs(caller, {})).jobs.length < 2) await delay(5);
    await gateway.close();
    await refused;
    const { jobs } = await rig.gateway().listJobs(caller, {});
    expect(jobs.map(({ job_id, state }) => [job_id === detached, state])).toEqual([
      [false, 'cancelled'],
      [true, 'queued'],
    ]);
  });

  it('refuses with the reason and when to come back once the queue is full', async () => {
    const gateway = rig.gateway();
    const flood = async (): Promise<void> => {
      for (let i = 0; i < 200; i += 1) await gateway.startQuery({ client: 'flood' }, { sql: 'select 1' });
    };
    await expect(flood()).rejects.toMatchObject({ code: 'QUEUE_FULL', data: { retryAfterMs: expect.any(Number) } });
  });
});
