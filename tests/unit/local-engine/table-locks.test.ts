import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LockMode, LockOwner, TableLocks } from '../../../src/local/engine/table-locks.js';

const OPTIONS = { timeoutMs: 10_000, nameOf: (table: number): string => `T${table}` };
const owner = (id: string): LockOwner => new LockOwner(() => id);

const settled = async (promise: Promise<unknown>): Promise<boolean> =>
  await Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);

describe('table locks', () => {
  test.each<[LockMode, LockMode, boolean]>([
    ['append', 'append', true],
    ['append', 'modify', true],
    ['modify', 'append', true],
    ['modify', 'modify', false],
    ['append', 'exclusive', false],
    ['exclusive', 'append', false],
    ['exclusive', 'modify', false],
  ])('%s beside %s: %s', async (held, wanted, together) => {
    const locks = new TableLocks();
    const [a, b] = [owner('a'), owner('b')];
    await locks.acquire(a, [{ table: 1, mode: held }], OPTIONS);
    const second = locks.acquire(b, [{ table: 1, mode: wanted }], OPTIONS);
    expect(await settled(second)).toBe(together);
    locks.release(a);
    await second;
  });

  test('are had in the order they were asked for', async () => {
    const locks = new TableLocks();
    const owners = ['a', 'b', 'c'].map(owner);
    const order: string[] = [];
    const all = owners.map(async (each) => {
      await locks.acquire(each, [{ table: 1, mode: 'modify' }], OPTIONS);
      order.push(each.queryId());
      locks.release(each);
    });
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('refuse the one that would close a circle, naming who is in the way', async () => {
    const locks = new TableLocks();
    const [a, b] = [owner('a'), owner('b')];
    await locks.acquire(a, [{ table: 1, mode: 'modify' }], OPTIONS);
    await locks.acquire(b, [{ table: 2, mode: 'modify' }], OPTIONS);
    const waiting = locks.acquire(a, [{ table: 2, mode: 'modify' }], OPTIONS);
    await expect(locks.acquire(b, [{ table: 1, mode: 'modify' }], OPTIONS)).rejects.toMatchObject({
      number: '000625',
      message: expect.stringContaining("Statement 'a' has locked table 'T1'"),
    });
    locks.release(b);
    await waiting;
  });

  test('two that hold a table and both want more of it are a circle too', async () => {
    const locks = new TableLocks();
    const [a, b] = [owner('a'), owner('b')];
    await locks.acquire(a, [{ table: 1, mode: 'append' }], OPTIONS);
    await locks.acquire(b, [{ table: 1, mode: 'append' }], OPTIONS);
    const waiting = locks.acquire(a, [{ table: 1, mode: 'exclusive' }], OPTIONS);
    await expect(locks.acquire(b, [{ table: 1, mode: 'exclusive' }], OPTIONS)).rejects.toMatchObject({
      number: '000625',
    });
    locks.release(b);
    await waiting;
  });

  test('never leave anyone waiting when all let go in the end', async () => {
    const request = fc.record({
      table: fc.integer({ min: 1, max: 3 }),
      mode: fc.constantFrom<LockMode>('append', 'modify', 'exclusive'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.array(request, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }), {
          minLength: 2,
          maxLength: 5,
        }),
        async (transactions) => {
          const locks = new TableLocks();
          const holding = new Map<number, Map<LockOwner, LockMode>>();
          await Promise.all(
            transactions.map(async (steps, i) => {
              const me = owner(String(i));
              try {
                for (const step of steps) {
                  await locks.acquire(me, step, OPTIONS);
                  for (const { table, mode } of step) {
                    const holders = holding.get(table) ?? new Map<LockOwner, LockMode>();
                    holding.set(table, holders.set(me, strongest(holders.get(me), mode)));
                    const others = [...holders].filter(([other]) => other !== me).map(([, held]) => held);
                    const mine = holders.get(me);
                    if (mine === 'exclusive') expect(others).toEqual([]);
                    if (mine === 'modify') expect(others).not.toContain('modify');
                    expect(others).not.toContain('exclusive');
                  }
                  await new Promise((resolve) => setImmediate(resolve));
                }
              } catch (error) {
                expect(error).toMatchObject({ number: '000625' });
              } finally {
                for (const holders of holding.values()) holders.delete(me);
                locks.release(me);
              }
            }),
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});

function strongest(held: LockMode | undefined, wanted: LockMode): LockMode {
  const order: LockMode[] = ['append', 'modify', 'exclusive'];
  return order[Math.max(order.indexOf(held ?? 'append'), order.indexOf(wanted))] ?? wanted;
}
