import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { systemLeaseClock } from '../../../src/store/clock.js';

describe('lease clock', () => {
  it('is the same in another process of this boot', () => {
    const clock = systemLeaseClock();
    const before = clock.now();
    const there = Number(execFileSync(process.execPath, ['-p', 'Number(process.hrtime.bigint()) / 1e6']).toString());
    const after = clock.now();
    if (process.platform === 'linux') {
      expect(there).toBeGreaterThan(before);
      expect(there).toBeLessThan(after);
    }
    expect(after).toBeGreaterThan(before);
    expect(clock.boot).toBe(systemLeaseClock().boot);
  });
});
