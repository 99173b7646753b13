import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { WarehouseConnection } from '../../../src/warehouse/connection.js';
import { createPool } from '../../../src/warehouse/pool.js';

/** A connection without a warehouse behind it; it tells when it is used by two at once or after its end. */
class MemoryConnection implements WarehouseConnection {
  readonly profile = 'memory';
  alive = true;
  healthy = true;
  closed = false;
  holders = 0;
  pings = 0;

  execute(): never {
    throw new Error('not used');
  }

  async ping(): Promise<void> {
    this.pings += 1;
    await Promise.resolve();
    if (this.healthy) return;
    this.alive = false;
    throw new Error('gone');
  }

  async applyContext(): Promise<void> {}

  async close(): Promise<void> {
    await Promise.resolve();
    expect(this.closed).toBe(false);
    this.closed = true;
  }
}

function memoryWarehouse(): { readonly made: MemoryConnection[]; open: () => Promise<MemoryConnection> } {
  const made: MemoryConnection[] = [];
  return {
    made,
    open: async () => {
      const connection = new MemoryConnection();
      made.push(connection);
      return connection;
    },
  };
}

const codeOf = (error: unknown): string | undefined => (error instanceof SnowError ? error.code : undefined);

describe('a pool', () => {
  it('reuses connections, and opens no more than it may', async () => {
    const { made, open } = memoryWarehouse();
    const pool = createPool(open, { maxConnections: 2 });
    const [one, two] = await Promise.all([pool.acquire({}), pool.acquire({})]);
    const third = pool.acquire({});
    expect(pool.stats()).toEqual({ open: 2, idle: 0, busy: 2, waiting: 1 });
    await pool.release(one, { dirty: false });
    expect(await third).toBe(one);
    await pool.release(one, { dirty: false });
    await pool.release(two, { dirty: false });
    expect(made).toHaveLength(2);
    expect(pool.stats()).toEqual({ open: 2, idle: 2, busy: 0, waiting: 0 });
    await pool.close();
    expect(made.every(({ closed }) => closed)).toBe(true);
  });

  it('serves those who wait in their order', async () => {
    const { open } = memoryWarehouse();
    const pool = createPool(open, { maxConnections: 1 });
    const first = await pool.acquire({});
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (place) => {
      const connection = await pool.acquire({});
      order.push(place);
      await pool.release(connection, { dirty: false });
    });
    await pool.release(first, { dirty: false });
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    await pool.close();
  });

  it('gives a key the connection it used last', async () => {
    const { open } = memoryWarehouse();
    const pool = createPool(open, { maxConnections: 3 });
    const [one, two] = await Promise.all([pool.acquire({ affinity: 'a' }), pool.acquire({ affinity: 'b' })]);
    await pool.release(one, { dirty: false });
    await pool.release(two, { dirty: false });
    expect(await pool.acquire({ affinity: 'a' })).toBe(one);
    await pool.release(one, { dirty: true });
    await pool.close();
  });

  it('closes a dirty connection and one that does not answer any more', async () => {
    const { made, open } = memoryWarehouse();
    const pool = createPool(open, { maxConnections: 1, checkAfterMs: -1 });
    await pool.release(await pool.acquire({}), { dirty: true });
    expect(made[0]?.closed).toBe(true);
    await pool.release(await pool.acquire({}), { dirty: false });
    (made[1] as MemoryConnection).healthy = false;
    const third = await pool.acquire({});
    expect(third).toBe(made[2]);
    await expect.poll(() => made[1]?.closed).toBe(true);
    expect(made[1]?.pings).toBe(1);
    await pool.release(third, { dirty: false });
    await pool.close();
  });

  it('closes what nobody used for long', async () => {
    const { made, open } = memoryWarehouse();
    const pool = createPool(open, { idleMs: 20 });
    await pool.release(await pool.acquire({}), { dirty: false });
    await expect.poll(() => made[0]?.closed).toBe(true);
    expect(pool.stats().open).toBe(0);
    await pool.close();
  });

  it('lets a wait end with a reason: too long, aborted, closed', async () => {
    const { open } = memoryWarehouse();
    const pool = createPool(open, { maxConnections: 1, acquireTimeoutMs: 30 });
    const held = await pool.acquire({});
    const late = await pool.acquire({}).catch((error: unknown) => error);
    expect(late).toMatchObject({
      data: { code: 'CONNECTION_FAILED', hint: expect.stringContaining('pool.max_connections') },
    });

    const abort = new AbortController();
    const reason = new SnowError({ code: 'CANCELLED', message: 'enough' });
    const aborted = pool.acquire({ signal: abort.signal }).catch((error: unknown) => error);
    abort.abort(reason);
    expect(await aborted).toBe(reason);

    const caught = pool.acquire({}).catch(codeOf);
    const closing = pool.close();
    expect(await caught).toBe('CONNECTION_FAILED');
    expect(await pool.acquire({}).catch(codeOf)).toBe('CONNECTION_FAILED');
    await pool.release(held, { dirty: false });
    await closing;
    expect(pool.stats()).toEqual({ open: 0, idle: 0, busy: 0, waiting: 0 });
  });

  it('grows by doubling: at most as many are being opened as there are', async () => {
    const logins: (() => void)[] = [];
    const pool = createPool(
      async () => {
        await new Promise<void>((resolve) => logins.push(resolve));
        return new MemoryConnection();
      },
      { maxConnections: 10 },
    );
    const all = Promise.all(Array.from({ length: 10 }, () => pool.acquire({})));
    const atOnce: number[] = [];
    for (let open = 0; open < 10; open = pool.stats().busy) {
      atOnce.push(logins.length);
      for (const login of logins.splice(0)) login();
      await expect.poll(() => pool.stats().busy).toBeGreaterThan(open);
    }
    expect(atOnce).toEqual([1, 1, 2, 4, 2]);
    const held = await all;
    await Promise.all(held.map((connection) => pool.release(connection, { dirty: false })));
    await pool.close();
  });

  it('answers all who wait with the failure of one attempt when nothing is open', async () => {
    let attempts = 0;
    const pool = createPool(
      async () => {
        attempts += 1;
        throw new SnowError({ code: 'CONNECTION_FAILED', message: `attempt ${attempts}` });
      },
      { maxConnections: 2 },
    );
    const messages = await Promise.all(
      [1, 2, 3].map(() => pool.acquire({}).catch((error: SnowError) => error.message)),
    );
    expect(messages).toEqual(['attempt 1', 'attempt 1', 'attempt 1']);
    expect(pool.stats().open).toBe(0);
    await pool.close();
  });

  it('tries one login at a time through an outage, with pauses, and is whole again after it', async () => {
    let down = true;
    let opening = 0;
    let most = 0;
    const at: number[] = [];
    const pool = createPool(
      async () => {
        at.push(performance.now());
        opening += 1;
        most = Math.max(most, opening);
        await new Promise((resolve) => setImmediate(resolve));
        opening -= 1;
        if (down) throw new SnowError({ code: 'CONNECTION_FAILED', message: 'down' });
        return new MemoryConnection();
      },
      {
        maxConnections: 10,
        openingBackoff: { strategy: 'exponential', initialMs: 20, maxMs: 40, multiplier: 2, jitter: 0 },
      },
    );
    const held: WarehouseConnection[] = [];
    let failed = 0;
    const insist = async (): Promise<void> => {
      for (;;) {
        const connection = await pool.acquire({}).catch(() => undefined);
        if (connection !== undefined) return void held.push(connection);
        failed += 1;
        if (failed >= 100) down = false;
      }
    };
    await Promise.all(Array.from({ length: 10 }, insist));
    const outage = at.slice(0, 10);
    expect(most).toBeLessThanOrEqual(8);
    expect(outage.slice(1).every((time, index) => time - (outage[index] as number) >= 19)).toBe(true);
    expect(failed).toBeLessThanOrEqual(110);
    expect(pool.stats()).toEqual({ open: 10, idle: 0, busy: 10, waiting: 0 });
    await Promise.all(held.map((connection) => pool.release(connection, { dirty: false })));
    await pool.close();
  });

  it('keeps others waiting for what is in use when one more cannot be opened', async () => {
    let opened = 0;
    const pool = createPool(
      async () => {
        opened += 1;
        if (opened === 2) throw new SnowError({ code: 'CONNECTION_FAILED', message: 'no second one' });
        return new MemoryConnection();
      },
      {
        maxConnections: 2,
        openingBackoff: { strategy: 'fixed', initialMs: 60_000, maxMs: 60_000, multiplier: 1, jitter: 0 },
      },
    );
    const first = await pool.acquire({});
    const others = [1, 2].map(() => pool.acquire({}).catch((error: SnowError) => error.message));
    expect(await others[0]).toBe('no second one');
    await pool.release(first, { dirty: false });
    expect(await others[1]).toBe(first);
    await pool.release(first, { dirty: false });
    await pool.close();
  });
});

describe('whatever happens in whatever order', () => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('acquire' as const), key: fc.constantFrom('a', 'b', undefined) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat(20), dirty: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('sicken' as const), which: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  );

  it('never exceeds the bound, shares a connection or loses one, and everybody is answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.boolean()),
        async (steps, bound, opens) => {
          const made: MemoryConnection[] = [];
          const pool = createPool(
            async () => {
              await Promise.resolve();
              if (opens.next().value === false && made.length % 3 === 2) throw new Error('no');
              const connection = new MemoryConnection();
              made.push(connection);
              return connection;
            },
            {
              maxConnections: bound,
              checkAfterMs: -1,
              acquireTimeoutMs: 5000,
              openingBackoff: { strategy: 'fixed', initialMs: 1, maxMs: 1, multiplier: 1, jitter: 0 },
            },
          );
          const held: MemoryConnection[] = [];
          const aborts: AbortController[] = [];
          const answers: Promise<void>[] = [];
          const checkBound = (): void => {
            const { open, busy, idle } = pool.stats();
            expect(open).toBeLessThanOrEqual(bound);
            expect(busy + idle).toBeLessThanOrEqual(open);
            expect(made.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(bound);
          };
          for (const action of steps) {
            if (action.do === 'acquire') {
              const abort = new AbortController();
              aborts.push(abort);
              answers.push(
                pool
                  .acquire({ signal: abort.signal, ...(action.key === undefined ? {} : { affinity: action.key }) })
                  .then(
                    (connection) => {
                      const memory = connection as MemoryConnection;
                      expect(memory.closed).toBe(false);
                      expect((memory.holders += 1)).toBe(1);
                      held.push(memory);
                    },
                    () => {},
                  ),
              );
            } else if (action.do === 'release' && held.length > 0) {
              const [connection] = held.splice(action.which % held.length, 1) as [MemoryConnection];
              connection.holders -= 1;
              void pool.release(connection, { dirty: action.dirty });
            } else if (action.do === 'abort' && aborts.length > 0) {
              aborts[action.which % aborts.length]?.abort(new Error('left'));
            } else if (action.do === 'sicken' && made.length > 0) {
              (made[action.which % made.length] as MemoryConnection).healthy = false;
            } else {
              await new Promise((resolve) => setImmediate(resolve));
            }
            checkBound();
          }
          const closing = pool.close();
          await Promise.all(answers);
          for (const connection of held) void pool.release(connection, { dirty: false });
          await closing;
          expect(pool.stats()).toEqual({ open: 0, idle: 0, busy: 0, waiting: 0 });
          expect(made.every(({ closed }) => closed)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
