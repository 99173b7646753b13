import { describe, expect, it } from 'vitest';
import { CODE_LANE, MEMORY_LANE, pinLane, profileNeeded, sharedLane } from '../../../src/store/lane.js';
import { profileOfLane, sqlLane } from '../../../src/warehouse/job-payload.js';

const WORKER = '0b5f2c8e-0000-4000-8000-000000000001';

describe('lanes', () => {
  it.each(['local', 'prod:sql:pin:x', 'a:b', ':sql:', 'memory', 'memory:pin:x'])('of the profile %s', (profile) => {
    const lane = sqlLane(profile);
    const own = pinLane(lane, WORKER);
    expect(profileOfLane(lane)).toBe(profile);
    expect(profileOfLane(own)).toBe(profile);
    expect(profileNeeded(own)).toBe(profile);
    expect(sharedLane(own)).toBe(lane);
    expect(sharedLane(lane)).toBe(lane);
  });

  it.each([MEMORY_LANE, CODE_LANE])('%s needs no profile, not in a worker of its own either', (lane) => {
    const own = pinLane(lane, WORKER);
    expect(sharedLane(own)).toBe(lane);
    expect(sharedLane(lane)).toBe(lane);
    expect([lane, own].map(profileNeeded)).toEqual([undefined, undefined]);
  });
});
