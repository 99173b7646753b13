import { describe, expect, it } from 'vitest';
import { newJobId } from '../../../src/store/job-id.js';

describe('job ids', () => {
  it('are UUIDs of version 7 that carry their time', () => {
    const now = Date.now() + 1_000_000;
    const id = newJobId(now);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now);
  });

  it('sort in the order they were made, also within a millisecond and when the clock goes back', () => {
    const now = Date.now() + 2_000_000;
    const ids = Array.from({ length: 20_000 }, (_, n) => newJobId(n % 3 === 0 ? now - 5 : now));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
