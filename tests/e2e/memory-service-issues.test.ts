import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCode } from '../../src/cli/verify/code-folder.js';
import type { QueueStats } from '../../src/store/job-store.js';
import { modernClient, type TestClient } from './mcp-clients.js';
import { eventually, Place } from './processes.js';

/** The five issues of the memory service that this one takes the place of, each shown solved with real processes. */

interface Answer {
  readonly code?: string;
  readonly state?: string;
  readonly job_id?: string;
  readonly id?: string;
  readonly memories?: readonly { readonly id: string; readonly text: string }[];
  readonly hits?: readonly unknown[];
  readonly rows?: readonly (readonly unknown[])[];
  readonly message?: string;
  readonly retryAfterMs?: number;
  readonly repositories?: readonly { readonly name: string; readonly state: string }[];
}

const FILES = 3_000;

let place: Place;
let config: string;
let code: string;
let worker: { readonly pid?: number | undefined };
const clients = new Map<string, TestClient>();

beforeAll(async () => {
  place = new Place();
  code = join(place.folder, 'code');
  config = join(place.folder, 'settings.toml');
  writeFileSync(config, `[repositories]\nfolders = [${JSON.stringify(code)}]\n`);
  const [working] = await Promise.all([
    place.worker('--config', config, '--lanes', 'query:2,memory:4,code:1'),
    writeCode(code, FILES),
  ]);
  worker = working;
  await place.json('quota', 'set', '--default', '--class', 'sync', '--rate', '1000/min');
}, 60_000);
afterAll(async () => {
  await Promise.all([...clients.values()].map((client) => client.close()));
  await place.end();
});

/** A `serve --stdio` process of the client's own, without a worker. */
async function serverOf(client: string): Promise<TestClient> {
  const options = ['--client', client, '--config', config, '--no-worker', '--toolsets', 'core,memory,code'];
  return await modernClient(place.server(...options));
}

async function call(client: string, tool: string, args: Record<string, unknown> = {}): Promise<Answer> {
  const server = clients.get(client) ?? (await serverOf(client));
  clients.set(client, server);
  return (await server.call(tool, args)).structuredContent as Answer;
}

const runs = async (client: string, job: Answer): Promise<boolean> =>
  (await call(client, 'job_status', { job_id: job.job_id })).state === 'running';

const begin = async (client: string): Promise<Answer> => {
  const sync = await call(client, 'repo_sync', { path: code, full: true, wait_s: 0 });
  await eventually(async () => (await runs(client, sync)) || undefined);
  return sync;
};

/** Does it while a sync is seen to run before and after; tried anew where the sync was quicker. */
async function whileSyncing<Result>(client: string, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const sync = await begin(client);
    const result = await work();
    const stillRuns = await runs(client, sync);
    await call(client, 'job_cancel', { job_id: sync.job_id });
    if (stillRuns) return result;
  }
}

const active = async (): Promise<number> => (await place.json<QueueStats>('stats')).total_active;

describe('the memory service’s critical issues', { timeout: 60_000 }, () => {
  it('1, one lock for everything: a sync and a long statement block neither memories nor statements nor searches', async () => {
    const long = await call('ann', 'start_query', { sql: "select system$wait(60, 'SECONDS')" });
    await eventually(async () => (await runs('ann', long)) || undefined);
    const answers = await whileSyncing('ann', async () => {
      const stored = await call('ann', 'memory_store', { text: `Amounts of MODEL_7 are in cents (${Math.random()}).` });
      return {
        stored,
        found: await call('ann', 'memory_search', { query: 'cents' }),
        listed: await call('ann', 'repo_list'),
        asked: await call('ann', 'query', { sql: 'select 1 as one' }),
      };
    });
    expect(answers.found.memories?.map(({ id }) => id)).toContain(answers.stored.id);
    expect(answers.listed.repositories).toMatchObject([{ name: 'code', state: 'syncing' }]);
    expect(answers.asked.rows).toEqual([[1]]);
    expect(await runs('ann', long)).toBe(true);
    await call('ann', 'job_cancel', { job_id: long.job_id });
  });

  it('2, tasks that nobody waits for any more: with their client a sync and a statement end, and leave nothing behind', async () => {
    const leaving = await serverOf('leaving');
    const sync = leaving.call('repo_sync', { path: code, full: true }).catch(() => undefined);
    const statement = leaving.call('query', { sql: "select system$wait(60, 'SECONDS')" }).catch(() => undefined);
    await eventually(async () => ((await active()) === 2 ? true : undefined));
    await leaving.close();
    await Promise.all([sync, statement]);
    await eventually(async () => ((await active()) === 0 ? true : undefined));
    const { jobs } = await place.json<{ jobs: { state: string }[] }>('jobs', 'list', '--client', 'leaving');
    expect(jobs.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    // What the sync had begun is visible to nobody, and does not hinder the next one.
    expect((await call('ann', 'repo_search', { symbol: 'model_7', limit: 1 })).hits).toEqual([]);
    expect(await call('leaving', 'repo_sync', { path: code, wait_s: 50 })).toMatchObject({ state: 'succeeded' });
  });

  it('3, no isolation: what one client has stored and synced is not there for another', async () => {
    const { id } = await call('ann', 'memory_store', { text: 'Only ann knows that the vault opens at nine.' });
    expect((await call('ben', 'memory_search', { query: 'vault' })).memories).toEqual([]);
    expect((await call('ben', 'memory_list')).memories).toEqual([]);
    const foreign = await call('ben', 'memory_update', { id, version: 1, text: 'It does not.' });
    const unknown = await call('ben', 'memory_update', {
      id: id?.replace(/.$/, 'x'),
      version: 1,
      text: 'It does not.',
    });
    expect(foreign.code).toBe('NOT_FOUND');
    expect(unknown.code).toBe('NOT_FOUND');
    expect((await call('ben', 'repo_list')).repositories).toEqual([]);
    expect((await call('ben', 'repo_search', { repository: 'code', text: 'orders' })).code).toBe('NOT_FOUND');
    expect((await call('ann', 'memory_search', { query: 'vault' })).memories).toHaveLength(1);
  });

  it('4, threads that run out: sixty searches and a sync at once, and statements are answered meanwhile', async () => {
    await call('leaving', 'repo_list');
    const { flood } = await whileSyncing('leaving', async () => {
      const flood = Array.from({ length: 60 }, (_, at) =>
        at % 2 === 0
          ? call('ben', 'memory_search', { query: 'cents or anything' })
          : call('leaving', 'repo_search', { text: `total ${at}`, limit: 5 }),
      );
      for (let turn = 0; turn < 3; turn += 1)
        expect((await call('ann', 'query', { sql: `select ${turn} as turn` })).rows).toEqual([[turn]]);
      const threads = readdirSync(`/proc/${worker.pid}/task`).length;
      expect(threads).toBeLessThan(60);
      return { flood: Promise.all(flood) };
    });
    const searches = await flood;
    expect(searches.filter((answer) => answer.code !== undefined && answer.code !== 'RATE_LIMITED')).toEqual([]);
  });

  it('5, resources that nobody manages: rates, room and places of one client are its own', async () => {
    await place.json('quota', 'set', '--client', 'greedy', '--class', 'memory', '--rate', '12/min');
    await place.json('quota', 'set', '--client', 'greedy', '--metric', 'stored_mb', '--limit', '0.01');
    const store = (at: number) => call('greedy', 'memory_store', { text: `${at} ${'x'.repeat(3_000)}` });
    const stored: Answer[] = [];
    for (let at = 0; at < 6; at += 1) stored.push(await store(at));
    const full = stored.findIndex(({ code }) => code === 'QUOTA_EXCEEDED');
    expect(full).toBe(3);
    expect(await call('greedy', 'memory_delete', { id: stored[0]?.id })).not.toHaveProperty('code');
    expect(await store(9)).not.toHaveProperty('code');
    const more: Answer[] = [];
    for (let at = 0; at < 6; at += 1) more.push(await call('greedy', 'memory_search', { query: 'x' }));
    expect(more.at(-1)).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
    expect(await call('ann', 'memory_search', { query: 'vault' })).not.toHaveProperty('code');
    const { usage } = await place.json<{ usage: { client: string; kept: { memories: number } }[] }>('stats');
    const kept = usage.find(({ client }) => client === 'greedy')?.kept.memories ?? 0;
    expect(kept).toBeGreaterThan(9_000);
    expect(kept).toBeLessThanOrEqual(0.01 * 1024 * 1024);
  });
});
