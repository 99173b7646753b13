import { describe, expect, it } from 'vitest';
import { LockTable } from '../../../src/locks/lock-table.js';

describe('LockTable', () => {
  it('keeps names apart and forgets those that nobody uses', async () => {
    const table = new LockTable();
    const first = await table.acquire('a', 'write');
    const other = await table.acquire('b', 'write');
    expect(table.size).toBe(2);
    const waiting = table.acquire('a', 'read');
    first();
    expect(table.size).toBe(2);
    (await waiting)();
    other();
    expect(table.size).toBe(0);
    expect(table.stats()).toMatchObject({ acquired: 3, contended: 1, timedOut: 0 });
  });

  it('gives the lock back when the work throws', async () => {
    const table = new LockTable();
    await expect(table.run('a', 'write', () => Promise.reject(new Error('of the work')))).rejects.toThrow(
      'of the work',
    );
    expect(await table.run('a', 'write', async () => 'next')).toBe('next');
    expect(table.size).toBe(0);
  });

  it('forgets a name whose only waiter gave up after the holder had left', async () => {
    const table = new LockTable();
    const held = await table.acquire('a', 'read');
    await expect(table.acquire('a', 'write', { timeoutMs: 5 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' });
    held();
    expect(table.size).toBe(0);
    expect(table.stats().timedOut).toBe(1);
  });
});
