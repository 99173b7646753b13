import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadWriteLock, type Release } from '../../../src/locks/read-write-lock.js';

/** Lets everything run that is ready to. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ReadWriteLock', () => {
  it('lets readers in together and a writer alone', async () => {
    const lock = new ReadWriteLock();
    const first = await lock.acquire('read');
    const second = await lock.acquire('read');
    let wrote = false;
    const writing = lock.acquire('write').then((release) => {
      wrote = true;
      return release;
    });
    await turn();
    expect(wrote).toBe(false);
    first();
    await turn();
    expect(wrote).toBe(false);
    second();
    (await writing)();
    expect(lock.idle).toBe(true);
  });

  it('holds readers back behind a waiting writer, so that it does not starve', async () => {
    const lock = new ReadWriteLock();
    const order: string[] = [];
    const reading = await lock.acquire('read');
    const writer = lock.run('write', async () => void order.push('writer'));
    const late = lock.run('read', async () => void order.push('late reader'));
    await turn();
    expect(order).toEqual([]);
    reading();
    await Promise.all([writer, late]);
    expect(order).toEqual(['writer', 'late reader']);
  });

  it('lets those behind a writer pass when it gave up', async () => {
    const lock = new ReadWriteLock();
    const reading = await lock.acquire('read');
    const writer = lock.acquire('write', { timeoutMs: 5 });
    const behind = lock.acquire('read');
    await expect(writer).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' });
    (await behind)();
    reading();
    expect(lock.idle).toBe(true);
    expect(lock.stats()).toMatchObject({ acquired: 2, contended: 2, timedOut: 1 });
  });

  it('ends a wait when the signal aborts, with its reason', async () => {
    const lock = new ReadWriteLock();
    const abort = new AbortController();
    const release = await lock.acquire('write');
    const waiting = lock.acquire('read', { signal: abort.signal });
    abort.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
    await expect(lock.acquire('read', { signal: abort.signal })).rejects.toThrow('no longer wanted');
    release();
    expect(lock.idle).toBe(true);
  });

  it('is released once, however often the release is called', async () => {
    const lock = new ReadWriteLock();
    const first = await lock.acquire('write');
    first();
    const second = await lock.acquire('write');
    first();
    let third: Release | undefined;
    void lock.acquire('write').then((release) => {
      third = release;
    });
    await turn();
    expect(third).toBeUndefined();
    second();
    await turn();
    third?.();
    expect(lock.idle).toBe(true);
  });

  it('never has a writer beside anyone, loses no waiter, and ends idle, in every order of events', async () => {
    const step = fc.record({
      mode: fc.constantFrom('read' as const, 'write' as const),
      /** Turns of the event loop for which the lock is held. */
      holdTurns: fc.nat(4),
      startTurn: fc.nat(6),
      gaveUpAtTurn: fc.option(fc.nat(8), { nil: undefined }),
      throws: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const lock = new ReadWriteLock();
        let readers = 0;
        let writers = 0;
        let entered = 0;
        const runs = steps.map(async ({ mode, holdTurns, startTurn, gaveUpAtTurn, throws }) => {
          for (let i = 0; i < startTurn; i += 1) await turn();
          const abort = new AbortController();
          let inside = false;
          const run = lock.run(
            mode,
            async () => {
              inside = true;
              entered += 1;
              if (mode === 'read') readers += 1;
              else writers += 1;
              for (let i = 0; i <= holdTurns; i += 1) {
                expect(writers === 0 ? 0 : readers + writers).toBe(writers);
                expect(writers).toBeLessThanOrEqual(1);
                await turn();
              }
              if (mode === 'read') readers -= 1;
              else writers -= 1;
              if (throws) throw new Error('of the work');
            },
            { signal: abort.signal },
          );
          const ended = run.catch((failure: Error) => failure.message);
          if (gaveUpAtTurn !== undefined) {
            for (let i = 0; i < gaveUpAtTurn; i += 1) await turn();
            abort.abort(new Error('gave up'));
          }
          const how = await ended;
          expect(how).toBe(inside ? (throws ? 'of the work' : undefined) : 'gave up');
          return inside;
        });
        const insides = await Promise.all(runs);
        expect(entered).toBe(insides.filter(Boolean).length);
        expect(lock.idle).toBe(true);
        expect(lock.stats().acquired).toBe(entered);
      }),
      { numRuns: 150 },
    );
  });
});
