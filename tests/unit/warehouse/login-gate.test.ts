import { beforeEach, describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import { LoginGate } from '../../../src/warehouse/login-gate.js';
import { LoginRefused } from '../../../src/warehouse/login-refused.js';

const refused = () => new LoginRefused({ code: 'CONNECTION_FAILED', message: 'bad password', hint: 'Check it.' });
const OLD = { username: 'ann', password: 'old' };

describe('login gate', () => {
  let now: number;
  let gate: LoginGate;
  let logins: number;
  const failing = async (): Promise<never> => {
    logins += 1;
    throw refused();
  };

  beforeEach(() => {
    now = 1_000;
    logins = 0;
    gate = new LoginGate(() => now);
  });

  it('tells everybody of one refusal, with its hint and when it is tried again', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => gate.pass(OLD, failing)));
    expect(logins).toBe(1);
    const [first, ...others] = tries.map((end) => (end as PromiseRejectedResult).reason as SnowError);
    expect(first?.data).toMatchObject({ message: 'bad password', retryAfterMs: 30_000 });
    for (const { data } of others) {
      expect(data).toMatchObject({ code: 'CONNECTION_FAILED', hint: 'Check it.', retryAfterMs: 30_000 });
      expect(data.message).toContain('not tried again for 30 s');
      expect(data.message).not.toContain('old');
    }
  });

  it('tries again after its pause, which doubles up to a quarter of an hour', async () => {
    const pauses: (number | undefined)[] = [];
    for (let n = 0; n < 8; n += 1) {
      const error = (await gate.pass(OLD, failing).catch((failure: unknown) => failure)) as SnowError;
      pauses.push(error.data.retryAfterMs);
      now += (error.data.retryAfterMs ?? 0) - 1;
      await expect(gate.pass(OLD, failing)).rejects.toMatchObject({ data: { retryAfterMs: 1 } });
      now += 1;
    }
    expect(logins).toBe(8);
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000, 900_000]);
  });

  it('lets changed credentials pass at once, and forgets the refusal when they are good', async () => {
    await expect(gate.pass(OLD, failing)).rejects.toThrow();
    expect(await gate.pass({ ...OLD, password: 'new' }, async () => 'in')).toBe('in');
    expect(await gate.pass(OLD, async () => 'in as well')).toBe('in as well');
  });

  it('lets logins through together once one has succeeded', async () => {
    let running = 0;
    let most = 0;
    const slow = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    await Promise.all([gate.pass(OLD, slow).then(() => expect(most).toBe(1)), gate.pass(OLD, slow)]);
    await Promise.all(Array.from({ length: 5 }, () => gate.pass(OLD, slow)));
    expect(most).toBe(5);
  });

  it('does not hold a lost network against anybody', async () => {
    const lost = new SnowError({ code: 'CONNECTION_FAILED', message: 'no route' });
    await expect(gate.pass(OLD, () => Promise.reject(lost))).rejects.toBe(lost);
    expect(await gate.pass(OLD, async () => 'in')).toBe('in');
  });
});
