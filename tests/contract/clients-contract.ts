import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import {
  admission,
  admitted,
  claim,
  claimOne,
  holdOf,
  idOf,
  type OpenedStore,
  ROOMY,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
} from './store-harness.js';

/** Who may ask, for how much, and how a client proves who it is. */
export function clientsContract(makePlace: StoreFactory): void {
  let clock: TestClock;
  let store: Store;
  let another: OpenedStore['another'];
  storeForEachTest(makePlace, { bounds: ROOMY }, (opened) => {
    ({ clock, store, another } = opened);
  });

  describe('clients', () => {
    it('are kept as they were added, and changed by what a change names', async () => {
      const permissions = { statements: ['read'], databases: ['SALES'] } as const;
      const added = await store.saveClient('ada', { group: 'analysts', weight: 2, maxRunning: 3, permissions });
      expect(added).toEqual({
        name: 'ada',
        group: 'analysts',
        weight: 2,
        permissions,
        maxRunning: 3,
        smooth: false,
        registered: true,
        createdAt: clock.wall,
      });
      clock.advance(1_000);
      const { group, ...rest } = added;
      const changed = { ...rest, weight: 0.5, smooth: true };
      expect(await store.saveClient('ada', { group: null, weight: 0.5, smooth: true })).toEqual(changed);
      const other = await another();
      expect(await other.findClient('ada')).toEqual(changed);
      expect(await other.findClient('nobody')).toBeUndefined();
      await other.close();
    });

    it('are known from their calls before anybody adds them', async () => {
      await admitted(store, { client: 'bob' });
      expect(await store.findClient('bob')).toMatchObject({ registered: false, weight: 1, permissions: {} });
      await store.saveClient('bob', {});
      await store.saveClient('ada', {});
      expect((await store.listClients()).map(({ name, registered }) => [name, registered])).toEqual([
        ['ada', true],
        ['bob', true],
      ]);
    });

    it.each([
      ['', {}],
      [' ada', {}],
      ['a\nb', {}],
      ['ada', { weight: 0 }],
      ['ada', { weight: Number.NaN }],
      ['ada', { weight: 1e9 }],
      ['ada', { maxRunning: 0 }],
      ['ada', { maxQueued: 1.5 }],
    ])('refuses %j with %j', async (name, change) => {
      await expect(store.saveClient(name, change)).rejects.toMatchObject({ data: { code: 'INVALID_ARGUMENT' } });
      expect(await store.listClients()).toEqual([]);
    });

    it('share the queue by their weights', async () => {
      await store.saveClient('one', {});
      await store.saveClient('four', { weight: 4 });
      for (let n = 0; n < 50; n += 1) for (const client of ['one', 'four']) await admitted(store, { client });
      const first = await claim(store, { slots: 50 });
      const ofFour = first.filter(({ job }) => job.client === 'four').length;
      expect(ofFour).toBeGreaterThanOrEqual(39);
      expect(ofFour).toBeLessThanOrEqual(41);
    });

    it('wait at their own cap of running jobs, and go on when it is raised', async () => {
      await store.saveClient('ada', { maxRunning: 2 });
      for (let n = 0; n < 6; n += 1) await admitted(store);
      await admitted(store, { client: 'bob' });
      const first = await claim(store, { slots: 10 });
      expect(first.map(({ job }) => job.client).sort()).toEqual(['ada', 'ada', 'bob']);
      expect(await claim(store, { slots: 10 })).toEqual([]);
      await store.settle(holdOf(first.find(({ job }) => job.client === 'ada') ?? (first[0] as never)), SUCCESS);
      expect(await claim(store, { slots: 10 })).toHaveLength(1);
      await store.saveClient('ada', { maxRunning: 4 });
      expect(await claim(store, { slots: 10 })).toHaveLength(2);
      await store.saveClient('ada', { maxRunning: null });
      expect(await claim(store, { slots: 10 })).toHaveLength(1);
    });

    it('are refused beyond their own cap of queued jobs', async () => {
      await store.saveClient('ada', { maxQueued: 1 });
      await admitted(store);
      expect(await store.admit(admission())).toMatchObject({
        admitted: false,
        refusal: { code: 'QUEUE_FULL', message: expect.stringContaining('1 of 1'), retryAfterMs: expect.any(Number) },
      });
      await admitted(store, { client: 'bob' });
    });

    it('that are removed lose their tokens and what waits, and are refused', async () => {
      await store.saveClient('ada', { weight: 3 });
      await store.addToken({ id: 't1', client: 'ada', secretHash: 'h1', scopes: ['query'] });
      const running = await admitted(store);
      const held = await claimOne(store);
      const waiting = await Promise.all(Array.from({ length: 120 }, () => admitted(store)));
      waiting.push(idOf(await store.admit(admission({ runAt: clock.wall + 60_000 }))));
      const others = await admitted(store, { client: 'bob' });

      expect(await store.removeClient('ada')).toBe(true);
      for (const id of waiting) expect(await store.find(id)).toMatchObject({ state: 'cancelled' });
      expect(await store.find(running)).toMatchObject({ state: 'running' });
      expect(await store.find(others)).toMatchObject({ state: 'queued' });
      expect(await store.findToken('h1')).toMatchObject({ revokedAt: clock.wall });
      expect(await store.admit(admission())).toMatchObject({ admitted: false, refusal: { code: 'NOT_PERMITTED' } });
      expect(await store.retry(waiting[0] as string, 'again')).toMatchObject({ admitted: false });
      expect(await store.settle(holdOf(held), SUCCESS)).toMatchObject({ settled: true });
      expect(await store.findClient('ada')).toMatchObject({ removedAt: clock.wall });
      expect((await store.listClients()).map(({ name }) => name)).toEqual(['bob']);
      expect(await store.removeClient('ada')).toBe(false);
      expect(await store.removeClient('nobody')).toBe(false);
    });

    it('that are added anew have nothing of what they were', async () => {
      await store.saveClient('ada', { weight: 3, group: 'g', permissions: { databases: [] } });
      await store.addToken({ id: 't1', client: 'ada', secretHash: 'h1', scopes: ['query'] });
      await store.removeClient('ada');
      clock.advance(1_000);
      expect(await store.saveClient('ada', {})).toEqual({
        name: 'ada',
        weight: 1,
        permissions: {},
        smooth: false,
        registered: true,
        createdAt: clock.wall,
      });
      await admitted(store);
      expect((await store.findToken('h1'))?.revokedAt).toBeDefined();
    });
  });

  describe('tokens', () => {
    const token = { id: 't1', client: 'ada', secretHash: 'h1', scopes: ['query', 'jobs'] } as const;

    it('are found by their hash, listed, and revoked once', async () => {
      await store.saveClient('ada', {});
      expect(await store.hasTokens()).toBe(false);
      const added = await store.addToken({ ...token, expiresAt: clock.wall + 1_000 });
      const record = {
        id: 't1',
        client: 'ada',
        scopes: ['query', 'jobs'],
        createdAt: clock.wall,
        expiresAt: clock.wall + 1_000,
      };
      expect(added).toEqual(record);
      const other = await another();
      expect(await other.findToken('h1')).toEqual(record);
      expect(await other.findToken('h2')).toBeUndefined();
      expect(await store.listTokens('ada')).toEqual([{ ...record, usedAt: clock.wall }]);
      expect(await store.listTokens('bob')).toEqual([]);
      expect(await store.revokeToken('t1')).toBe(true);
      expect(await other.findToken('h1')).toMatchObject({ revokedAt: clock.wall });
      expect(await store.revokeToken('t1')).toBe(false);
      expect(await store.revokeToken('t9')).toBe(false);
      expect(await store.hasTokens()).toBe(true);
      await other.close();
    });

    it('tell when they were used, to the minute, and only while they are good', async () => {
      await store.saveClient('ada', {});
      await store.addToken({ ...token, expiresAt: clock.wall + 200_000 });
      const usedAt = async () => (await store.listTokens('ada'))[0]?.usedAt;
      expect(await usedAt()).toBeUndefined();
      const first = clock.wall;
      await store.findToken('h1');
      clock.advance(59_000);
      await store.findToken('h1');
      expect(await usedAt()).toBe(first);
      clock.advance(1_000);
      await store.findToken('h1');
      expect(await usedAt()).toBe(first + 60_000);
      clock.advance(140_000);
      await store.findToken('h1');
      expect(await usedAt()).toBe(first + 60_000);
    });

    it('need a client that is there, and an id of their own', async () => {
      await expect(store.addToken(token)).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
      await store.saveClient('ada', {});
      await store.addToken(token);
      await expect(store.addToken({ ...token, secretHash: 'h2' })).rejects.toMatchObject({
        data: { code: 'INVALID_ARGUMENT' },
      });
      await store.removeClient('ada');
      await expect(store.addToken({ ...token, id: 't2', secretHash: 'h2' })).rejects.toMatchObject({
        data: { code: 'NOT_FOUND' },
      });
    });
  });

  describe('leases of resources', () => {
    it('are held by one, whoever asks from wherever', async () => {
      const other = await another();
      const asked = await Promise.all(
        Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? store : other).acquireLease('r', `h${n}`, 1_000)),
      );
      expect(asked.filter((lease) => lease !== undefined)).toEqual([{ fence: 1 }]);
      expect(await store.leaseHolder('r')).toBe(await other.leaseHolder('r'));
      expect(await other.acquireLease('another', 'h', 1_000)).toEqual({ fence: 1 });
      await other.close();
    });

    it('last while they are renewed, and their fence grows with every holder', async () => {
      expect(await store.acquireLease('r', 'a', 1_000)).toEqual({ fence: 1 });
      expect(await store.acquireLease('r', 'a', 1_000)).toBeUndefined();
      clock.advance(900);
      expect(await store.renewLease('r', 'a', 1_000)).toBe(true);
      expect(await store.renewLease('r', 'b', 1_000)).toBe(false);
      clock.advance(999);
      expect(await store.leaseHolder('r')).toBe('a');
      clock.advance(1);
      expect(await store.leaseHolder('r')).toBeUndefined();
      expect(await store.renewLease('r', 'a', 1_000)).toBe(false);
      expect(await store.acquireLease('r', 'b', 1_000)).toEqual({ fence: 2 });
      await store.releaseLease('r', 'a');
      expect(await store.leaseHolder('r')).toBe('b');
      await store.releaseLease('r', 'b');
      expect(await store.leaseHolder('r')).toBeUndefined();
      expect(await store.acquireLease('r', 'a', 1_000)).toEqual({ fence: 3 });
    });

    it('end with the boot that they were taken in', async () => {
      await store.acquireLease('r', 'a', 1_000_000);
      const afterReboot = await another({ monotonicNow: () => 1, bootId: 'next' });
      expect(await afterReboot.leaseHolder('r')).toBeUndefined();
      expect(await afterReboot.acquireLease('r', 'b', 1_000)).toEqual({ fence: 2 });
      await afterReboot.close();
    });

    it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('cannot last %d ms', async (leaseMs) => {
      await expect(store.acquireLease('r', 'a', leaseMs)).rejects.toMatchObject({ data: { code: 'INVALID_ARGUMENT' } });
    });
  });
}
