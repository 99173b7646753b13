import { describe, expect, it } from 'vitest';
import { mayFollowLostLease, mayFollowRetry, WRITE_CLAIMS } from '../../../src/store/attempts.js';

describe('attempts', () => {
  const read = { maxAttempts: 3, write: false, dispatchOpen: true };
  const write = { maxAttempts: 1, write: true };

  it('of a read end at its maximum, however it came back', () => {
    expect(mayFollowLostLease({ ...read, attempts: 2 })).toBe(true);
    expect(mayFollowLostLease({ ...read, attempts: 3 })).toBe(false);
    expect(mayFollowRetry({ ...read, attempts: 2 })).toBe(true);
    expect(mayFollowRetry({ ...read, attempts: 3 })).toBe(false);
  });

  it('of a write go on after lost workers, and while its outcome is to be found out', () => {
    expect(mayFollowLostLease({ ...write, dispatchOpen: false, attempts: 1 })).toBe(true);
    expect(mayFollowLostLease({ ...write, dispatchOpen: true, attempts: WRITE_CLAIMS - 1 })).toBe(true);
    expect(mayFollowLostLease({ ...write, dispatchOpen: true, attempts: WRITE_CLAIMS })).toBe(false);
    expect(mayFollowRetry({ ...write, dispatchOpen: true, attempts: 1 })).toBe(true);
    expect(mayFollowRetry({ ...write, dispatchOpen: false, attempts: 1 })).toBe(false);
  });
});
