import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/store/audit-store.js';
import { newJobId } from '../../src/store/job-id.js';
import type { Store } from '../../src/store/store.js';
import {
  admission,
  admitted,
  claimOne,
  FAILURE,
  holdOf,
  type OpenedStore,
  RESULT,
  type StoreFactory,
  storeForEachTest,
  type TestClock,
  USAGE,
} from './store-harness.js';

const CALL = { tool: 'query', verb: 'SELECT', statementClass: 'read', digest: '0123456789abcdef' } as const;

/** The audit: one entry per call, whatever became of it. */
export function auditContract(makePlace: StoreFactory): void {
  let clock: TestClock;
  let store: Store;
  let another: OpenedStore['another'];
  storeForEachTest(makePlace, {}, (opened) => {
    ({ clock, store, another } = opened);
  });

  const entries = async (): Promise<readonly AuditEntry[]> => (await store.audit({ limit: 1_000 })).entries;

  describe('the audit', () => {
    it('has one entry per job, written with its end', async () => {
      const id = await admitted(store, { call: CALL, session: 'work' });
      clock.advance(40);
      const claimed = await claimOne(store);
      expect(await entries()).toEqual([]);
      clock.advance(250);
      await store.settle(holdOf(claimed), {
        state: 'succeeded',
        result: { ...RESULT, rowCount: 7, queryId: 'q-1' },
        usage: { executionMs: 250, rows: 7, bytes: 99 },
      });
      expect(await entries()).toEqual([
        {
          at: clock.wall,
          client: 'ada',
          session: 'work',
          ...CALL,
          jobId: id,
          outcome: 'succeeded',
          queuedMs: 40,
          elapsedMs: 250,
          rows: 7,
          bytes: 99,
          queryId: 'q-1',
        },
      ]);
    });

    it('tells why a job ended otherwise, also one that never ran', async () => {
      await admitted(store);
      await store.settle(holdOf(await claimOne(store)), {
        state: 'failed',
        error: { ...FAILURE, queryId: 'q-2' },
        usage: USAGE,
      });
      await store.cancel(await admitted(store), 'no longer needed');
      await admitted(store, { attach: { waiter: 'w', leaseMs: 1e9 }, queueTimeoutMs: 10 });
      clock.advance(11);
      await store.sweep();
      expect(await entries()).toMatchObject([
        { outcome: 'expired', code: 'QUEUE_TIMEOUT', tool: 'query' },
        { outcome: 'cancelled', code: 'CANCELLED' },
        { outcome: 'failed', code: 'SNOWFLAKE_ERROR', queryId: 'q-2' },
      ]);
      expect((await entries())[1]).not.toHaveProperty('elapsedMs');
    });

    it('holds refusals, and calls that gave a job which was there already', async () => {
      const narrow = await another({ bounds: { maxQueued: 1 } });
      const id = await admitted(narrow, { idempotencyKey: 'k', call: CALL });
      await narrow.admit(admission({ call: CALL, session: 's', idempotencyKey: 'k' }));
      await narrow.admit(admission({ client: 'bob', call: CALL }));
      await narrow.close();
      expect(await entries()).toEqual([
        { at: clock.wall, client: 'bob', ...CALL, outcome: 'refused', code: 'QUEUE_FULL' },
        { at: clock.wall, client: 'ada', session: 's', ...CALL, outcome: 'admitted', jobId: id },
      ]);
    });

    it('keeps what a call was with a job that is run again', async () => {
      const id = await admitted(store, { call: CALL });
      await store.cancel(id, 'x');
      const again = newJobId();
      await store.retry(id, again);
      await store.cancel(again, 'y');
      expect(await entries()).toMatchObject([
        { ...CALL, jobId: again },
        { ...CALL, jobId: id },
      ]);
    });

    it('takes calls without a job, and is read in pages, filtered, newest first', async () => {
      for (let turn = 0; turn < 30; turn += 1) {
        const client = turn % 3 === 0 ? 'ada' : 'bob';
        const refused = turn % 2 === 0;
        clock.advance(1_000);
        await store.record({
          client,
          tool: `call-${turn}`,
          outcome: refused ? 'refused' : 'succeeded',
          ...(refused && { code: 'STATEMENT_NOT_ALLOWED' as const }),
        });
      }
      const numbers = (page: { readonly entries: readonly AuditEntry[] }) =>
        page.entries.map(({ tool }) => Number(tool.slice(5)));
      const first = await store.audit({ client: 'ada', limit: 4 });
      expect(numbers(first)).toEqual([27, 24, 21, 18]);
      const second = await store.audit({ client: 'ada', limit: 100, ...cursor(first.nextCursor) });
      expect(numbers(second)).toEqual([15, 12, 9, 6, 3, 0]);
      expect(second.nextCursor).toBeUndefined();
      expect(numbers(await store.audit({ outcome: 'refused', client: 'ada', limit: 100 }))).toEqual([24, 18, 12, 6, 0]);
      expect(numbers(await store.audit({ since: clock.wall - 2_000, limit: 100 }))).toEqual([29, 28, 27]);
      await expect(store.audit({ limit: 1_001 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(store.audit({ limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });

    it('finds few among many', async () => {
      await store.record({ client: 'ada', tool: 'query', outcome: 'succeeded' });
      await Promise.all(
        Array.from({ length: 4_500 }, () => store.record({ client: 'bob', tool: 'query', outcome: 'succeeded' })),
      );
      expect((await store.audit({ client: 'ada', limit: 10 })).entries).toHaveLength(1);
    });

    it('forgets what is older than its retention, at the time for it', async () => {
      const short = await another({ auditRetentionMs: 10_000 });
      await short.record({ client: 'ada', tool: 'old', outcome: 'succeeded' });
      const oldAt = clock.wall;
      clock.advance(5_000);
      await short.record({ client: 'ada', tool: 'new', outcome: 'succeeded' });
      expect(await short.nextWakeAt()).toBe(oldAt + 10_000);
      clock.advance(5_000);
      expect(await short.sweep()).toMatchObject({ auditDeleted: 1 });
      await short.close();
      expect((await entries()).map(({ tool }) => tool)).toEqual(['new']);
    });
  });
}

function cursor(nextCursor: string | undefined): { readonly cursor?: string } {
  return nextCursor === undefined ? {} : { cursor: nextCursor };
}
