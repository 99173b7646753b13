import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { JobRecord } from '../../../src/store/job.js';
import type { ClaimedJob } from '../../../src/store/job-store.js';
import { failureRateOf } from '../../../src/worker/failure-rate.js';
import type { HandlerContext } from '../../../src/worker/handler.js';
import { runStatement, type StatementWork } from '../../../src/worker/handlers/statement.js';

/** How long a job that cannot get a connection is put off, in ms. */
async function putOff(
  attempts: number,
  flags: Readonly<Record<string, boolean>>,
  work: Partial<StatementWork> = {},
  retryAfterMs?: number,
  spentMs = 0,
): Promise<number> {
  const failure = { code: 'CONNECTION_FAILED' as const, message: 'no', ...(retryAfterMs && { retryAfterMs }) };
  const job = {
    lane: 'local:sql',
    client: 'ann',
    context: {},
    write: false,
    attempts,
    flags,
    usage: { executionMs: spentMs },
  } as unknown as JobRecord;
  const settlement = await runStatement(
    { borrow: () => Promise.reject(new SnowError(failure)) },
    { job, attempt: attempts, fence: 1 } as ClaimedJob,
    { signal: new AbortController().signal, bytesWritten: 0 } as unknown as HandlerContext,
    { sql: 'x', verb: 'SELECT', maxRows: 1, maxBytes: 1, timeoutMs: 60_000, dirties: false, ...work },
  );
  if (settlement.state !== 'scheduled') throw new Error(`it is ${settlement.state}`);
  return settlement.runAt - Date.now();
}

const about = (ms: number) => ({ asymmetricMatch: (value: number) => value > ms * 0.85 && value < ms * 1.15 });
const on = { 'circuit-breaker': true };
const off = { 'circuit-breaker': false };

describe('a job whose connection failed is put off', () => {
  it('by the same time whatever happened before, without the breaker', async () => {
    expect(await putOff(1, off)).toEqual(about(1_000));
    expect(await putOff(4, off, { failureRate: async () => 1 })).toEqual(about(1_000));
  });

  it('by more from attempt to attempt with it, and by more still when much fails', async () => {
    expect(await putOff(1, on)).toEqual(about(500));
    expect(await putOff(3, on)).toEqual(about(1_620));
    expect(await putOff(3, on, { failureRate: async () => 0.9 })).toEqual(about(3_240));
    expect(await putOff(3, on, { failureRate: async () => 0.01 })).toEqual(about(810));
  });

  it('at least as long as the warehouse asked for', async () => {
    expect(await putOff(1, on, {}, 45_000)).toEqual(about(45_000));
  });
});

it('a job whose attempts together took as long as one may is not tried again', async () => {
  expect(await putOff(2, on, {}, undefined, 59_000)).toBeGreaterThan(0);
  await expect(putOff(2, on, {}, undefined, 60_000)).rejects.toThrow('it is failed');
});

describe('failureRateOf', () => {
  const counted = (profile: string, attempts: number, failed: number) => ({ profile, attempts, failed }) as never;

  it('is what the breaker of the profile has counted', async () => {
    const rate = failureRateOf({ breakers: async () => [counted('a', 8, 2), counted('b', 0, 0)] });
    expect([await rate('a'), await rate('b'), await rate('c')]).toEqual([0.25, undefined, undefined]);
  });

  it('is not known while the store does not answer', async () => {
    const rate = failureRateOf({ breakers: () => Promise.reject(new Error('busy')) });
    expect(await rate('a')).toBeUndefined();
  });
});
