import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobJson } from '../../src/cli/json-names.js';
import type { QueryAnswer } from '../../src/gateway/requests.js';
import type { Json } from '../../src/store/job.js';
import type { QueueStats } from '../../src/store/job-store.js';
import type { WorkerRecord } from '../../src/store/worker-store.js';
import { endChild, eventually, Place } from './processes.js';

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.end());

const show = (id: string) => place.json<JobJson & { rows: Json[][]; position?: number }>('jobs', 'show', id);

describe('jobs from the command line', () => {
  it('wait in the queue until a worker comes, and are run by it', async () => {
    const queued = await place.json<{ job_id: string; state: string }>(
      'enqueue',
      'query',
      'select 41 + 1',
      '--client',
      'cli',
    );
    expect(queued.state).toBe('queued');
    expect(await show(queued.job_id)).toMatchObject({
      state: 'queued',
      attached: false,
      client: 'cli',
      position: 0,
    });
    const before = await place.json<QueueStats>('stats');
    expect(before).toMatchObject({
      total_queued: 1,
      total_active: 0,
      clients: { cli: { queued: 1, active: 0, total: 1 } },
    });

    const worker = await place.worker('--concurrency', '2');
    const done = await eventually(async () => {
      const job = await show(queued.job_id);
      return job.finished_at === undefined ? undefined : job;
    });
    expect(done).toMatchObject({ state: 'succeeded', rows: [[42]], attempts: 1 });

    const during = await place.json<
      QueueStats & { workers: WorkerRecord[]; breaker: string; local_host: { state: string } }
    >('stats');
    expect(during).toMatchObject({
      total_queued: 0,
      finished_last_minute: 1,
      breaker: 'closed',
      workers: [{ pid: worker.pid, state: 'working', concurrency: 2 }],
      local_host: { state: 'alive' },
    });
    const page = await place.run(['stats', '--db', place.db]);
    expect(page.stdout).toMatch(/CLIENT\s+QUEUED/);
    expect(page.stdout).toContain(String(worker.pid));

    const waited = await place.json<QueryAnswer>('enqueue', 'query', '{"sql": "select ?", "binds": ["a"]}', '--wait');
    expect(waited).toMatchObject({ state: 'succeeded', rows: [['a']] });
    const table = await place.run(['enqueue', 'query', '-', '--wait', '--db', place.db], {
      input: 'select 7 as "seven"',
    });
    expect(table.stdout).toMatch(/seven\n\s*7\n\n1 row; waited/);

    const failed = await place.run(['enqueue', 'query', 'select * from nowhere.at.all', '--wait', '--db', place.db]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^mcp-snow: SQL compilation error: [^\n]+\n$/);
    expect(await endChild(worker)).toBe(0);
  });

  it('are found again by their idempotency key', async () => {
    const enqueue = () => place.json<{ job_id: string }>('enqueue', 'query', 'select 1', '--idempotency-key', 'once');
    const first = await enqueue();
    expect((await enqueue()).job_id).toBe(first.job_id);
    await place.json('jobs', 'cancel', first.job_id);
  });

  it('can be told when to start, and cancelled before', async () => {
    const planned = await place.json<{ job_id: string; state: string }>('enqueue', 'query', 'select 1', '--at', '+1h');
    expect(planned.state).toBe('scheduled');
    expect((await show(planned.job_id)).run_at - Date.now()).toBeGreaterThan(3_500_000);
    const cancelled = await place.run(['jobs', 'cancel', planned.job_id, '--db', place.db]);
    expect(cancelled).toMatchObject({ code: 0, stdout: expect.stringContaining('is cancelled') });
    expect((await show(planned.job_id)).state).toBe('cancelled');
    const again = await place.json<JobJson>('jobs', 'retry', planned.job_id);
    expect(again.id).not.toBe(planned.job_id);
    await place.json('jobs', 'cancel', again.id);
  });

  it('are ordered by priority, and listed by state', async () => {
    const low = await place.json<{ job_id: string }>(
      'enqueue',
      'query',
      'select 1',
      '--client',
      'p',
      '--priority',
      'low',
    );
    const high = await place.json<{ job_id: string }>(
      'enqueue',
      'query',
      'select 1',
      '--client',
      'p',
      '--priority',
      'high',
    );
    expect((await show(low.job_id)).position).toBe(((await show(high.job_id)).position ?? -1) + 1);
    const filters = ['--client', 'p', '--state', 'queued', '--kind', 'query', '--since', '1h'];
    const listed = await place.json<{ jobs: JobJson[] }>('jobs', 'list', ...filters);
    expect(listed.jobs.map((job) => job.id)).toEqual([high.job_id, low.job_id]);
    for (const job of listed.jobs) await place.json('jobs', 'cancel', job.id);
  });
});

describe('migrate', () => {
  it('tells and does what is missing', async () => {
    const db = join(place.folder, 'fresh', 'queue.db');
    const before = await place.run(['migrate', 'status', '--db', db]);
    expect(before).toMatchObject({ code: 0, stdout: expect.stringContaining('does not exist yet') });
    expect(existsSync(db)).toBe(false);
    const applied = await place.run(['migrate', '--db', db, '--json']);
    expect(JSON.parse(applied.stdout).applied.length).toBeGreaterThan(0);
    const after = await place.run(['migrate', 'status', '--db', db, '--json']);
    expect(JSON.parse(after.stdout)).toMatchObject({ exists: true, pending: [] });
    expect(statSync(db).mode & 0o077).toBe(0);
  });
});

describe('init', () => {
  it('writes settings that the other commands read, once', async () => {
    const path = join(place.folder, 'mcp-snow.toml');
    const written = await place.run(['init', '--config', path, '--db', place.db, '--json']);
    expect(written.code).toBe(0);
    const { clients } = JSON.parse(written.stdout);
    expect(clients.claudeDesktop.mcpServers.snowflake.args).toContain(path);
    expect(clients.claudeCode).toContain('claude mcp add');
    const stats = await place.run(['stats', '--config', path, '--json']);
    expect(JSON.parse(stats.stdout).db).toBe(place.db);

    const text = readFileSync(path, 'utf8');
    const second = await place.run(['init', '--config', path]);
    expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect((await place.run(['init', '--config', path, '--force'])).code).toBe(0);
  });
});

describe('doctor', () => {
  it('finds a healthy place healthy', async () => {
    const { code, stdout } = await place.run(['doctor', '--db', place.db, '--json']);
    const { findings } = JSON.parse(stdout) as { findings: { check: string; state: string }[] };
    expect(findings.filter((finding) => finding.state === 'wrong')).toEqual([]);
    expect(findings.map((finding) => finding.check)).toEqual(
      expect.arrayContaining(['node', 'settings', 'database', 'workers', 'local Snowflake', 'connection']),
    );
    expect(code).toBe(0);
  });

  it('names what is wrong and what to do, and ends with 1', async () => {
    const env = {
      SNOWFLAKE_CONNECTIONS_FAR_ACCOUNT: 'nobody',
      SNOWFLAKE_CONNECTIONS_FAR_USER: 'x',
      SNOWFLAKE_CONNECTIONS_FAR_PASSWORD: 'hunter2hunter2',
      SNOWFLAKE_CONNECTIONS_FAR_HOST: '127.0.0.1',
      SNOWFLAKE_CONNECTIONS_FAR_PORT: '9',
      SNOWFLAKE_CONNECTIONS_FAR_PROTOCOL: 'http',
    };
    const { code, stdout, stderr } = await place.run(['doctor', '--db', place.db, '--connection', 'far'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/wrong\s+connection/);
    expect(stdout + stderr).not.toContain('hunter2');
  });
});

describe('a job that is waited for', () => {
  it('belongs to the client of the settings, and says that nobody works while it waits', async () => {
    const own = new Place();
    const env = { MCP_SNOW_CLIENT: 'etl' };
    const child = own.start(['enqueue', 'query', 'select 1', '--wait', '--db', own.db], { env });
    let said = '';
    child.stderr?.on('data', (text) => {
      said += text;
    });
    await eventually(() => (said.includes('No worker is there yet') ? true : undefined));
    const { jobs } = await own.json<{ jobs: JobJson[] }>('jobs', 'list', '--client', 'etl');
    expect(jobs.map((job) => job.state)).toEqual(['queued']);
    expect(await endChild(child, 'SIGINT')).toBe(130);
    expect((await own.json<JobJson>('jobs', 'show', jobs[0]?.id ?? '')).state).toBe('cancelled');
    await own.end();
  });
});
