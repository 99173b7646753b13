import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runChaos, shares } from '../setup/chaos/run.mjs';

const seed = Number(process.env.CHAOS_SEED ?? randomInt(1_000_000));

describe(`with everything going wrong (CHAOS_SEED=${seed})`, () => {
  it('every accepted job ends as it should, no write is done twice, and nothing is left over', async () => {
    const report = await runChaos({
      seed,
      seconds: 4,
      timeoutS: 5,
      everyMs: 700,
      longestMs: 1_000,
      settleMs: 20_000,
      least: { answers: 60, events: 2 },
    });
    expect(report.broken).toEqual([]);
    expect(Object.entries(report.leftOver).filter(([, count]) => count !== 0)).toEqual([]);
    expect(Object.entries(report.exitCodes).filter(([, code]) => code !== 0)).toEqual([]);
    expect(report.events.length).toBeGreaterThanOrEqual(2);
    expect(Object.keys(report.faults).length).toBeGreaterThan(0);
    expect(report.jobs.length).toBeGreaterThan(50);
    const { answered, unknown } = shares(report);
    expect(answered).toBeGreaterThan(0.95);
    expect(unknown).toBeLessThan(0.05);
    expect(report.quiet.every(({ outcome }) => outcome === 'right')).toBe(true);
  }, 120_000);
});
