import { describe, expect, it } from 'vitest';
import { SessionLine, type SessionUse } from '../../../src/gateway/session-line.js';

/** A look-up that ends when it is told to. */
function lookUp(use: SessionUse): { readonly find: () => Promise<SessionUse>; readonly end: () => void } {
  let end: () => void = () => {};
  const ended = new Promise<SessionUse>((resolve) => {
    end = () => resolve(use);
  });
  return { find: () => ended, end };
}

const write: SessionUse = { owner: 'ann', mode: 'write' };
const read: SessionUse = { owner: 'ann', mode: 'read' };

describe('the line for a session', () => {
  it('keeps the order of arrival, whichever look-up is done first', async () => {
    const line = new SessionLine();
    const order: string[] = [];
    const slow = lookUp(write);
    const first = line.enter('ann', 's', slow.find, {}).then(({ release }) => {
      order.push('first');
      release();
    });
    const second = line
      .enter('ann', 's', async () => read, {})
      .then(({ release }) => {
        order.push('second');
        release();
      });
    await line.enter('bob', 's', async () => ({ owner: 'bob', mode: 'write' }), {});
    expect(order).toEqual([]);
    slow.end();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });

  it('lets the next look up while those before it wait for the session', async () => {
    const line = new SessionLine();
    const holder = await line.enter('ann', 's', async () => write, {});
    const reader = line.enter('ann', 's', async () => read, {});
    let looked = false;
    const other = line.enter(
      'ann',
      's',
      async () => {
        looked = true;
        return read;
      },
      {},
    );
    await line.enter('bob', 's', async () => ({ owner: 'bob', mode: 'read' }), {});
    expect(looked).toBe(true);
    holder.release();
    const both = await Promise.all([reader, other]);
    for (const { release } of both) release();
  });

  it('is the same line for all who share the session', async () => {
    const line = new SessionLine();
    const holder = await line.enter('ann', 's', async () => ({ owner: '', mode: 'write' }), {});
    const shared = line.enter('bob', 's', async () => ({ owner: '', mode: 'write' }), { timeoutMs: 20 });
    await expect(shared).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' });
    holder.release();
  });

  it('goes on after a look-up that failed', async () => {
    const line = new SessionLine();
    const failing = line.enter('ann', 's', () => Promise.reject(new Error('not found out')), {});
    await expect(failing).rejects.toThrow('not found out');
    const { release } = await line.enter('ann', 's', async () => write, { timeoutMs: 1_000 });
    release();
  });
});
