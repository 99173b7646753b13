import { describe, expect, it } from 'vitest';
import { pinLane, profileOfLane, sharedLane, sqlLane } from '../../../src/warehouse/job-payload.js';

describe('lanes', () => {
  it.each(['local', 'prod:eu', 'a:pin'])('of the profile %s give it back, a worker’s own as well', (profile) => {
    const lane = sqlLane(profile);
    const own = pinLane(lane, '0b5f2c8e-0000-4000-8000-000000000001');
    expect(profileOfLane(lane)).toBe(profile);
    expect(profileOfLane(own)).toBe(profile);
    expect(sharedLane(own)).toBe(lane);
    expect(sharedLane(lane)).toBe(lane);
  });
});
