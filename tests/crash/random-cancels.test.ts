import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cancelAtRandom } from '../setup/chaos/cancels.mjs';

const seed = Number(process.env.CHAOS_SEED ?? randomInt(1_000_000));

describe(`statements that are cancelled at random moments (CHAOS_SEED=${seed})`, () => {
  it('leave nothing behind: no connections, handles, memory or rows', async () => {
    const { before, after, leftOver, jobs } = await cancelAtRandom({ seed, operations: 300 });
    const told = `before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`;
    expect(Object.entries(leftOver).filter(([, count]) => count !== 0)).toEqual([]);
    expect(jobs.filter(({ state }) => state === 'cancelled').length).toBeGreaterThan(50);
    expect(jobs.filter(({ state }) => state === 'succeeded').length).toBeGreaterThan(100);
    expect(after.running, told).toBe(0);
    // A pool holds ten connections at most, each with a socket or two; what was open before may be closed by now.
    expect(after.sessions, told).toBeLessThanOrEqual(10);
    expect(after.sockets, told).toBeLessThanOrEqual(20);
    expect(after.workerHandles, told).toBeLessThanOrEqual(before.workerHandles + 20);
    expect(after.serverHandles, told).toBeLessThanOrEqual(before.serverHandles + 5);
    expect(after.warehouseHandles, told).toBeLessThanOrEqual(before.warehouseHandles + 20);
    expect(after.workerMb, told).toBeLessThanOrEqual(before.workerMb + 80);
    expect(after.serverMb, told).toBeLessThanOrEqual(before.serverMb + 80);
  }, 60_000);
});
