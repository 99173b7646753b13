import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reserve } from '../../../src/limits/reservation.js';

describe('reservation', () => {
  it('gives what is not used yet, at most what is asked', () => {
    expect(reserve(300, [{ limit: 1_000, used: 100, reserved: 0 }])).toEqual({ granted: 300 });
    expect(reserve(300, [{ limit: 1_000, used: 800, reserved: 0 }])).toEqual({ granted: 200 });
    expect(reserve(300, [])).toEqual({ granted: 300 });
  });

  it('waits for running jobs instead of giving less than could be had', () => {
    expect(reserve(300, [{ limit: 1_000, used: 100, reserved: 700 }])).toEqual({ waits: true });
    expect(reserve(300, [{ limit: 1_000, used: 100, reserved: 600 }])).toEqual({ granted: 300 });
  });

  it('says which quota is used up', () => {
    const day = { limit: 50, used: 50, reserved: 0 };
    expect(reserve(1, [{ limit: 1_000, used: 0, reserved: 0 }, day])).toEqual({ exhausted: day });
    expect(reserve(1, [{ limit: 0, used: 0, reserved: 0 }])).toHaveProperty('exhausted');
  });

  it('never lets used and reserved together exceed a limit, and never stands still while nothing runs', () => {
    const step = fc.record({
      most: fc.integer({ min: 1, max: 500 }),
      uses: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(step, fc.boolean()), { maxLength: 60 }),
        (limits, steps) => {
          let used = 0;
          const running: { reserved: number; uses: number }[] = [];
          const settleOne = () => {
            const job = running.shift();
            if (job !== undefined) used += Math.floor(job.reserved * job.uses);
          };
          for (const [{ most, uses }, settlesFirst] of steps) {
            if (settlesFirst) settleOne();
            const reserved = running.reduce((sum, job) => sum + job.reserved, 0);
            const got = reserve(
              most,
              limits.map((limit) => ({ limit, used, reserved })),
            );
            if ('granted' in got) running.push({ reserved: got.granted, uses });
            if ('waits' in got) expect(running.length).toBeGreaterThan(0);
            const inAll = used + running.reduce((sum, job) => sum + job.reserved, 0);
            for (const limit of limits) expect(inAll).toBeLessThanOrEqual(limit);
          }
        },
      ),
    );
  });
});
