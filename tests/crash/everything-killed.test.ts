import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { killEverything } from '../setup/chaos/kill-all.mjs';

const seed = Number(process.env.CHAOS_SEED ?? randomInt(1_000_000));

describe(`when every process is killed at once (CHAOS_SEED=${seed})`, () => {
  it('nothing accepted is lost and nothing final changes, again after they were started anew', async () => {
    const { broken, leftOver, jobs, notes } = await killEverything({ seed, times: 2, leastMs: 300, mostMs: 900 });
    expect(broken).toEqual([]);
    expect(Object.entries(leftOver).filter(([, count]) => count !== 0)).toEqual([]);
    expect(jobs.filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(0);
    expect(notes.filter(({ outcome }) => outcome === 'accepted').length).toBeGreaterThan(5);
  }, 90_000);
});
