import { describe, expect, it } from 'vitest';
import { Courtesy } from '../../../src/memory/repositories/courtesy.js';

/** Works for so long beside others who use so many of the cores; answers the share of the time that was paused. */
function pausedShare(cores: number, others: number, forMs = 2_000): number {
  let now = 0;
  let idleMs = 0;
  let ownMs = 0;
  let paused = 0;
  const pass = (ms: number, own: number): void => {
    now += ms;
    // What is wanted beyond what there is, is shared evenly.
    const got = Math.min(own, Math.max(cores - others, own * (cores / (own + others))));
    ownMs += got * ms;
    idleMs += Math.max(0, cores - got - others) * ms;
  };
  const courtesy = new Courtesy(
    () => ({ count: cores, idleMs, ownMs }),
    () => now,
  );
  while (now < forMs) {
    pass(1, 1);
    const ms = courtesy.pauseMs();
    paused += ms;
    pass(ms, 0);
  }
  return paused / now;
}

describe('a sync beside other work', () => {
  it.each([
    [1, 0],
    [2, 0],
    [2, 0.2],
    [8, 6],
  ])('works on without a pause where there is room: %d cores, others use %d', (cores, others) => {
    expect(pausedShare(cores, others)).toBe(0);
  });

  it.each([
    [1, 0.5],
    [2, 0.8],
    [2, 1],
    [8, 7],
  ])('leaves half of its core where others want it: %d cores, others use %d', (cores, others) => {
    const share = pausedShare(cores, others);
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.55);
  });
});
