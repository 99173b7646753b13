/** One quota of a flow (seconds, rows, bytes) as a job meets it that wants to start. All in one unit, from 0 up. */
export interface FlowQuota {
  readonly limit: number;
  readonly used: number;
  /** Taken by running jobs until they settle. */
  readonly reserved: number;
}

export type Reservation<Quota extends FlowQuota> =
  /** Reserve this much; the job may use no more. */
  | { readonly granted: number }
  /** Running jobs hold what is left: try again when one has settled. */
  | { readonly waits: true }
  /** Nothing is left until its window ends. */
  | { readonly exhausted: Quota };

/**
 * What a job that may use up to `most` gets under all the quotas it counts for. It gets what is not used yet, and it waits
 * rather than being cut down by what others have only reserved: so a quota is never overrun, and no job is cut short because
 * another asked for more than it needs.
 */
export function reserve<Quota extends FlowQuota>(most: number, quotas: readonly Quota[]): Reservation<Quota> {
  let granted = most;
  for (const quota of quotas) {
    const unused = quota.limit - quota.used;
    if (unused <= 0) return { exhausted: quota };
    granted = Math.min(granted, unused);
  }
  return quotas.some(({ limit, used, reserved }) => reserved > 0 && granted > limit - used - reserved)
    ? { waits: true }
    : { granted };
}

/** Whether one more request fits. */
export function mayRequest({ limit, used }: { readonly limit: number; readonly used: number }): boolean {
  return used + 1 <= limit;
}
