import { describe, expect, it } from 'vitest';
import { brokenBound, DEFAULT_CAPS, freeSlots, isCapped } from '../../../src/fairness/caps.js';

describe('caps', () => {
  const caps = { maxRunning: 4, maxQueued: 10, maxRunningPerClient: 2, maxQueuedPerClient: 5 };

  it('are those of the first queue unless somebody says otherwise', () => {
    expect(DEFAULT_CAPS).toMatchObject({ maxRunning: 20, maxQueued: 100 });
  });

  it('name the bound that a new job would break, the own one first', () => {
    expect(brokenBound(caps, { inAll: 9, ofClient: 4 })).toBeUndefined();
    expect(brokenBound(caps, { inAll: 10, ofClient: 4 })).toEqual({ of: 'all', limit: 10 });
    expect(brokenBound(caps, { inAll: 10, ofClient: 5 })).toEqual({ of: 'client', limit: 5 });
  });

  it('leave slots for what may run, never fewer than none', () => {
    expect(freeSlots(caps, 1, 10)).toBe(3);
    expect(freeSlots(caps, 1, 2)).toBe(2);
    expect(freeSlots(caps, 9, 2)).toBe(0);
    expect(isCapped(caps.maxRunningPerClient, 1)).toBe(false);
    expect(isCapped(caps.maxRunningPerClient, 2)).toBe(true);
  });
});
