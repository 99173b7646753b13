import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { syncRequest } from '../../src/gateway/repository-requests.js';
import { syncFolder } from '../../src/memory/repositories/sync.js';
import type { JobRecord, Json } from '../../src/store/job.js';
import { RepositoryWatcher } from '../../src/worker/repository-watcher.js';
import { ADA, RepositoriesRig } from './repositories-rig.js';

let rig: RepositoriesRig;

beforeEach(async () => {
  rig = await RepositoriesRig.open();
});
afterEach(async () => {
  await rig.close();
});

function putFiles(count: number, lines = 30): void {
  for (let n = 0; n < count; n += 1)
    rig.put(
      `models/m${n}.sql`,
      `select column_${n} from table_${n % 10};
`.repeat(lines),
    );
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  await vi.waitFor(async () => expect(await condition()).toBe(true), { timeout: 20_000, interval: 10 });
}

const listed = async () => (await rig.ask('repo_list')).repositories as readonly { readonly [key: string]: Json }[];
const indexes = (): readonly string[] => {
  const [key] = readdirSync(`${rig.db}-code`);
  return key === undefined ? [] : readdirSync(join(`${rig.db}-code`, key)).filter((name) => name.endsWith('.db'));
};

async function ended(id: string): Promise<JobRecord> {
  let job: JobRecord | undefined;
  await until(async () => {
    job = await rig.store.find(id);
    return job?.finishedAt !== undefined;
  });
  return job as JobRecord;
}

describe('a repository', () => {
  it('is synced, listed, searched, synced again, removed; its files are for its owner alone', async () => {
    await rig.work();
    rig.put('models/orders.sql', "select amount_cents from {{ source('raw', 'orders') }}");
    expect(await rig.sync({ path: rig.code })).toMatchObject({
      repository: 'code',
      added: 1,
      files: 1,
      unchanged: false,
    });
    expect(await listed()).toMatchObject([
      { name: 'code', state: 'ready', files: 1, folder: rig.code, may_sync: true },
    ]);
    expect(await rig.ask('repo_search', { text: 'amount cents' })).toMatchObject({
      note: expect.stringContaining('never instructions'),
      hits: [{ repository: 'code', path: 'models/orders.sql', first_line: 1, kind: 'model', name: 'orders' }],
      searched: 1,
    });
    expect(await rig.sync({ name: 'code' })).toMatchObject({ unchanged: true, added: 0, files: 1 });
    rig.put('models/more.sql', 'select more_words');
    expect(await rig.sync({ name: 'code' })).toMatchObject({ unchanged: false, added: 1, files: 2 });
    expect(await rig.found({ text: 'more' })).toEqual(['models/more.sql']);
    await until(() => indexes().length === 1);
    expect(statSync(`${rig.db}-code`).mode & 0o077).toBe(0);
    await rig.ask('repo_remove', { name: 'code' });
    expect(await listed()).toEqual([]);
    expect(readdirSync(`${rig.db}-code`)).toEqual([]);
  });

  it('of one client is not there for another: not in lists, searches, answers or errors', async () => {
    await rig.work();
    const bob = { client: 'bob' };
    rig.put('a.sql', 'select secret_word');
    await rig.sync({ path: rig.code });
    expect(await rig.ask('repo_list', {}, bob)).toEqual({ repositories: [] });
    const nothing = await rig.ask('repo_search', { text: 'secret_word' }, bob);
    expect(nothing).toEqual({ note: expect.any(String), hits: [], matched: 'all', searched: 0 });
    const errorOf = (name: string) => rig.ask('repo_search', { text: 'x', repository: name }, bob).catch((e) => e.data);
    const known = await errorOf('code');
    const unknown = await errorOf('none');
    expect(JSON.stringify(known).replaceAll('\\"code\\"', '\\"none\\"')).toBe(JSON.stringify(unknown));
    expect(await rig.sync({ path: rig.code }, bob)).toMatchObject({ added: 1 });
  });

  it('whose draft was left by attempts of a later time (the database was restored) begins it anew', async () => {
    await rig.work();
    rig.put('a.sql', 'select word');
    await rig.sync({ path: rig.code });
    const [key] = readdirSync(`${rig.db}-code`);
    const request = { folder: rig.code, indexFolder: join(`${rig.db}-code`, String(key)), generation: 1, fence: 1e9 };
    const limits = { files: 10, bytes: 1e9, fileBytes: 1e6 };
    rig.put('b.sql', 'select other');
    const look = (): void => {
      if (indexes().includes('2.db')) throw new Error('ended');
    };
    expect(() => syncFolder({ ...request, limits, full: true }, { look, progress: () => {} })).toThrow('ended');
    expect(indexes()).toContain('2.db');
    expect(await rig.sync({ name: 'code' })).toMatchObject({ files: 2 });
  });

  it('whose index is gone says so, and is brought back by a sync', async () => {
    await rig.work();
    rig.put('a.sql', 'select word');
    await rig.sync({ path: rig.code });
    rmSync(`${rig.db}-code`, { recursive: true });
    expect(await listed()).toMatchObject([{ state: 'needs-sync' }]);
    expect(await rig.ask('repo_search', { text: 'word' })).toMatchObject({
      hits: [],
      needs_sync: ['code'],
      searched: 0,
    });
    expect(await rig.sync({ name: 'code' })).toMatchObject({ files: 1 });
    expect(await rig.found({ text: 'word' })).toEqual(['a.sql']);
  });
});

describe('a folder', () => {
  it('has to lie in one that the settings allow; the refusal says what to add', async () => {
    await rig.work();
    mkdirSync(join(rig.folder, 'elsewhere'));
    mkdirSync(rig.code);
    symlinkSync(join(rig.folder, 'elsewhere'), join(rig.code, 'link'));
    for (const path of [join(rig.folder, 'elsewhere'), join(rig.code, '..', 'elsewhere'), join(rig.code, 'link')])
      await expect(rig.sync({ path })).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
        data: { hint: expect.stringContaining('[repositories]') },
      });
    await expect(rig.sync({ path: join(rig.folder, 'nothing') })).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await expect(rig.sync({ path: join(rig.code, 'nothing') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(rig.sync({ path: 'relative' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await listed()).toEqual([]);
  });

  it('none is allowed where the settings name none', async () => {
    await rig.work([]);
    mkdirSync(rig.code);
    await expect(rig.sync({ path: rig.code })).rejects.toMatchObject({ message: expect.stringContaining('name none') });
  });

  it('that has become a link to elsewhere is not followed; its last index stays', async () => {
    await rig.work();
    rig.put('repo/a.sql', 'select word');
    const folder = join(rig.code, 'repo');
    await rig.sync({ path: folder });
    renameSync(folder, join(rig.code, 'moved'));
    symlinkSync('/', folder);
    await expect(rig.sync({ name: 'repo' })).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(await listed()).toMatchObject([{ state: 'failed', failure: { code: 'NOT_PERMITTED' } }]);
    expect(await rig.found({ text: 'word' })).toEqual(['a.sql']);
  });
});

describe('syncs', () => {
  it('of one repository asked in two processes: one runs, the other joins it and gets the same answer', async () => {
    putFiles(200);
    const both = Promise.all([rig.sync({ path: rig.code }), rig.sync({ path: rig.code })]);
    await until(async () => (await rig.store.stats()).total_queued === 2);
    await Promise.all([rig.work(), rig.work()]);
    const [one, other] = await both;
    expect(one).toMatchObject({ added: 200 });
    expect(other).toEqual(one);
    expect(indexes()).toEqual(['1.db']);
  });

  it('a joined one whose leader is cancelled takes over', async () => {
    putFiles(300);
    const { job_id: first } = await rig.gateway.startOperation(ADA, syncRequest({ path: rig.code }));
    await rig.work();
    await until(async () => (await rig.store.find(first))?.state === 'running');
    const second = rig.sync({ path: rig.code });
    await rig.work();
    const jobs = async () => (await rig.store.list({ limit: 10, kinds: ['repo-sync'] })).jobs;
    await until(async () => (await jobs()).some(({ id, state }) => id !== first && state === 'scheduled'));
    await rig.store.cancel(first, 'enough');
    expect(await second).toMatchObject({ added: 300 });
    expect((await ended(first)).state).toBe('cancelled');
  });

  it('tell how far they are, can be cancelled, and leave what was before', async () => {
    await rig.work();
    rig.put('a.sql', 'select before_word');
    await rig.sync({ path: rig.code });
    putFiles(400, 250);
    const { job_id: id } = await rig.gateway.startOperation(ADA, syncRequest({ name: 'code' }));
    await until(async () => ((await rig.store.find(id))?.progress?.total ?? 0) === 401);
    const [repository] = await listed();
    expect(repository).toMatchObject({
      state: 'syncing',
      progress: { total: 401, message: expect.stringContaining('MB') },
    });
    expect(await rig.found({ text: 'before_word' })).toEqual(['a.sql']);
    await rig.gateway.jobCancel(ADA, id);
    expect((await ended(id)).state).toBe('cancelled');
    expect(await rig.found({ text: 'column_1' })).toEqual([]);
    expect(await listed()).toMatchObject([{ state: 'failed', failure: { code: 'CANCELLED' }, files: 1 }]);
    expect(await rig.sync({ name: 'code' })).toMatchObject({ added: 400, files: 401 });
  });

  it('of a watched repository are queued when their time has come', async () => {
    await rig.work();
    rig.put('a.sql', 'select word');
    await rig.sync({ path: rig.code });
    await expect(rig.ask('repo_watch', { name: 'code', every_s: 60 })).rejects.toMatchObject({
      message: expect.stringContaining('5 minutes'),
    });
    await rig.ask('repo_watch', { name: 'code', every_s: 300 });
    // What nobody asks for is asked of nobody's rate.
    await rig.store.setFlag('rate-limits', 'all', true, 'test');
    await rig.store.setRate({ client: 'ada' }, 'sync', { count: 1, perMs: 3_600_000, burst: 1 });
    await rig.sync({ name: 'code' });
    await expect(rig.sync({ name: 'code' })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      data: { hint: expect.stringContaining('repo watch') },
    });
    rig.put('b.sql', 'select new_word');
    const queued: string[] = [];
    const later = Object.create(rig.store, {
      nextWatchAt: { value: async () => (queued.length === 0 ? Date.now() : undefined) },
      takeDueWatch: { value: async () => ({ client: 'ada', name: 'code' }) },
    }) as typeof rig.store;
    const watcher = new RepositoryWatcher({
      store: later,
      queue: async (due, idempotencyKey) => {
        const request = { ...syncRequest({ name: due.name }), idempotencyKey, timed: true };
        queued.push((await rig.gateway.startOperation({ client: due.client }, request)).job_id);
      },
      onFailure: (failure) => {
        throw failure;
      },
    });
    watcher.start();
    await until(() => queued.length === 1);
    await ended(queued[0] as string);
    await watcher.stop();
    expect(await rig.found({ text: 'new_word' })).toEqual(['b.sql']);
  });
});
