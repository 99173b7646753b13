/**
 * How often a job is given to a worker. Retries a handler asks for, and leases that run out, count alike; but a write
 * whose outcome is unknown is not run again, it is asked for by its request id, and asking must not end with the first
 * worker that dies.
 */
export const WRITE_CLAIMS = 6;

export interface Tries {
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly write: boolean;
  /** Something was dispatched and its outcome is not known. */
  readonly dispatchOpen: boolean;
}

/** After a lease ran out. A write that was not dispatched yet has done nothing, so it gets the same patience. */
export function mayFollowLostLease(tries: Tries): boolean {
  return tries.attempts < (tries.write ? Math.max(tries.maxAttempts, WRITE_CLAIMS) : tries.maxAttempts);
}

/** After a handler asked for another try. */
export function mayFollowRetry(tries: Tries): boolean {
  const asking = tries.write && tries.dispatchOpen;
  return tries.attempts < (asking ? Math.max(tries.maxAttempts, WRITE_CLAIMS) : tries.maxAttempts);
}
