import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  retryAfterFullMs,
  type WaitingFlow,
  waitBehind,
  waitForStarts,
  workAhead,
} from '../../../src/fairness/queue-position.js';

/** The order in which jobs are claimed, by doing it. */
function orderOf(flows: readonly WaitingFlow[]): { flow: number; nth: number }[] {
  const left = flows.map((flow) => ({ ...flow, taken: 0 }));
  const order: { flow: number; nth: number }[] = [];
  for (;;) {
    const ready = left.filter((flow) => flow.taken < flow.queued);
    if (ready.length === 0) return order;
    ready.sort((a, b) => a.virtualTime - b.virtualTime || a.id - b.id);
    const next = ready[0] as (typeof left)[number];
    order.push({ flow: next.id, nth: next.taken });
    next.taken += 1;
    next.virtualTime += next.costS / next.weight;
  }
}

const flow = fc.record({
  virtualTime: fc.integer({ min: 0, max: 40 }).map((n) => n / 4),
  weight: fc.constantFrom(1, 2, 4),
  queued: fc.integer({ min: 1, max: 8 }),
  costS: fc.constantFrom(1, 2, 8),
});

describe('queue position', () => {
  it('is the place at which the job is really claimed', () => {
    fc.assert(
      fc.property(fc.array(flow, { minLength: 1, maxLength: 6 }), (parts) => {
        const flows = parts.map((part, id) => ({ ...part, id }));
        let seconds = 0;
        for (const [jobs, { flow: id, nth }] of orderOf(flows).entries()) {
          const own = flows[id] as WaitingFlow;
          const others = flows.filter((each) => each.id !== id);
          expect(workAhead(own, nth, others)).toEqual({ jobs, seconds });
          seconds += own.costS;
        }
      }),
    );
  });

  it('turns places into time by how many run at once', () => {
    expect(waitForStarts(4, 1_000, 2)).toBe(2_000);
    expect(waitForStarts(0, 1_000, 2)).toBe(0);
    expect(waitForStarts(3, 1_000, 0)).toBe(3_000);
  });

  it('is no time at all while slots are free for all that go before, too', () => {
    expect(waitBehind({ jobs: 1, seconds: 4 }, 4, { slots: 4, running: 2 })).toBe(0);
    expect(waitBehind({ jobs: 2, seconds: 8 }, 4, { slots: 4, running: 2 })).toBe(1_000);
    expect(waitBehind({ jobs: 1, seconds: 10 }, 2, { slots: 2, running: 2 })).toBe(6_000);
    expect(waitBehind({ jobs: 0, seconds: 0 }, 2, { slots: 2, running: 5 })).toBe(1_000);
  });

  it('tells those who are refused to come back within a quarter of a second and a minute', () => {
    expect(retryAfterFullMs(undefined, 20)).toBe(1_000);
    expect(retryAfterFullMs(10, 20)).toBe(250);
    expect(retryAfterFullMs(20_000, 10)).toBe(2_000);
    expect(retryAfterFullMs(3_600_000, 1)).toBe(60_000);
  });
});
