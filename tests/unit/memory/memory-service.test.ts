import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LockTable } from '../../../src/locks/lock-table.js';
import { MemoryService } from '../../../src/memory/memory-service.js';
import { newJobId } from '../../../src/store/job-id.js';
import { sessionOwner } from '../../../src/store/session-owner.js';
import { Rig } from '../worker/rig.js';

interface Answer {
  readonly id: string;
  readonly memories: readonly { readonly text: string }[];
  readonly stored: number;
  readonly duplicates: number;
  readonly would_delete: number;
  readonly confirm: string;
  readonly deleted: number;
}

describe('operations on memories', () => {
  let rig: Rig;
  const locks = new LockTable();
  let service: MemoryService;
  beforeAll(async () => {
    rig = await Rig.open();
    service = new MemoryService({ store: rig.store, locks, timeZone: 'UTC' });
  });
  afterAll(() => rig.close());

  const run = async (
    client: string,
    name: string,
    given: object,
    { flags = {}, signal = new AbortController().signal, job = newJobId() } = {} as {
      readonly flags?: Record<string, boolean>;
      readonly signal?: AbortSignal;
      readonly job?: string;
    },
  ) =>
    (await service.run(name, given, {
      asker: { client, owner: sessionOwner(client, flags), quotas: true },
      job,
      signal,
      progress: () => undefined,
      sharedReads: flags['read-write-locks'] !== false,
    })) as Answer;

  it('wait for their own namespace only: reads go beside one another, a write does not', async () => {
    const release = await locks.acquire('own:ann', 'read');
    await run('ann', 'memory_search', { query: 'anything' });
    const writing = run('ann', 'memory_store', { text: 'held up' });
    await run('bob', 'memory_store', { text: 'not held up' });
    expect(locks.stats().contended).toBe(1);
    release();
    await writing;
    expect((await run('ann', 'memory_list', {})).memories).toMatchObject([{ text: 'held up' }]);
    expect(locks.size).toBe(0);
  });

  it('have their namespace to themselves where read-write-locks is off', async () => {
    const release = await locks.acquire('own:cid', 'read');
    const stop = new AbortController();
    const flags = { 'read-write-locks': false };
    const reading = run('cid', 'memory_list', {}, { flags, signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    release();
    await run('cid', 'memory_list', {}, { flags });
  });

  it('share one namespace where client-sessions is off', async () => {
    const flags = { 'client-sessions': false };
    await run('dan', 'memory_store', { text: 'for everybody' }, { flags });
    expect((await run('eve', 'memory_search', { query: 'everybody' }, { flags })).memories).toHaveLength(1);
    expect((await run('eve', 'memory_search', { query: 'everybody' })).memories).toHaveLength(0);
  });

  it('do once what a second attempt of their job does again', async () => {
    const job = newJobId();
    const records = [{ text: 'one of the file' }, { text: 'two of the file' }, { text: 'one  of the file' }];
    expect(await run('fay', 'memory_import', { records }, { job })).toMatchObject({ stored: 2, duplicates: 1 });
    await run('fay', 'memory_import', { records }, { job });
    expect((await run('fay', 'memory_list', {})).memories).toHaveLength(2);
    const stored = newJobId();
    await run('fay', 'memory_store', { text: 'once' }, { job: stored });
    expect(await run('fay', 'memory_store', { text: 'once' }, { job: stored })).toMatchObject({
      id: stored,
      duplicate: false,
    });
  });

  it('clean up what says the same, in two steps', async () => {
    for (const text of ['Same thing.', 'same THING', 'same, thing!']) await run('gil', 'memory_store', { text });
    const shown = await run('gil', 'memory_cleanup', {});
    expect(shown).toMatchObject({ would_delete: 2 });
    expect(await run('gil', 'memory_cleanup', { confirm: shown.confirm })).toMatchObject({ deleted: 2 });
    expect((await run('gil', 'memory_list', {})).memories).toMatchObject([{ text: 'same, thing!' }]);
  });

  it('refuse what they are not', async () => {
    await expect(run('hal', 'memory_forget', {})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(run('hal', 'memory_store', { text: 'x', namespace: 'nowhere' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
