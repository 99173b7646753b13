import type { ErrorData } from '../errors/snow-error.js';
import type { BucketRate } from './token-bucket.js';

const PERIODS = new Map([
  [1_000, 'a second'],
  [60_000, 'a minute'],
  [3_600_000, 'an hour'],
  [86_400_000, 'a day'],
]);

/** `60 a minute`, `5 every 90 s`. */
export function shownRate({ count, perMs }: BucketRate): string {
  return `${shownNumber(count)} ${PERIODS.get(perMs) ?? `every ${perMs / 1_000} s`}`;
}

/** How to need fewer of a class. */
const INSTEAD = new Map([
  ['memory', 'ask for more in one request instead of asking often.'],
  [
    'sync',
    'search what is synced meanwhile. repo watch has it synced by itself; who runs mcp-snow can raise the rate: mcp-snow quota set --class sync.',
  ],
]);

export function shownNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** `client` absent: the bucket of all clients together. */
export function rateRefusal(limit: {
  readonly client?: string;
  readonly operation: string;
  readonly rate: BucketRate;
  readonly retryAfterMs: number;
}): ErrorData {
  const who = limit.client === undefined ? 'All clients together' : `The client "${limit.client}"`;
  const burst = `${shownNumber(limit.rate.burst)} at once`;
  return {
    code: 'RATE_LIMITED',
    message: `${who} may start ${shownRate(limit.rate)} of the class ${limit.operation} (${burst}), and no more are left now.`,
    hint: `Wait that long, and ${INSTEAD.get(limit.operation) ?? 'ask for more in one statement instead of asking often.'}`,
    retryAfterMs: limit.retryAfterMs,
  };
}

const UNITS = { requests: 'requests', seconds: 'seconds of execution', rows: 'rows', bytes: 'bytes' } as const;

export function quotaRefusal(quota: {
  readonly client: string;
  readonly operation: string;
  readonly metric: keyof typeof UNITS;
  readonly period: 'hour' | 'day';
  readonly limit: number;
  readonly used: number;
  /** Ms since the epoch. */
  readonly resetsAt: number;
  readonly now: number;
}): ErrorData {
  const of = quota.operation === 'all' ? '' : ` of the class ${quota.operation}`;
  const used = `${shownNumber(quota.used)} of ${shownNumber(quota.limit)} ${UNITS[quota.metric]}`;
  const ends = `The window ends at ${new Date(quota.resetsAt).toISOString()}.`;
  return {
    code: 'QUOTA_EXCEEDED',
    message: `The client "${quota.client}" has used ${used}${of} this ${quota.period}.`,
    // Where nothing is allowed, no window's end helps.
    hint: `${quota.limit === 0 ? '' : `${ends} `}Who runs mcp-snow can raise the quota: mcp-snow quota set.`,
    ...(quota.limit > 0 && { retryAfterMs: Math.max(1, quota.resetsAt - quota.now) }),
  };
}

export function storedRefusal(quota: {
  readonly client: string;
  readonly limitMb: number;
  readonly usedMb: number;
  /** Until the first of the kept results goes. */
  readonly retryAfterMs?: number;
}): ErrorData {
  return {
    code: 'QUOTA_EXCEEDED',
    message: `What is kept for the client "${quota.client}" (results of jobs, memories) takes ${shownNumber(quota.usedMb)} of ${shownNumber(quota.limitMb)} MB.`,
    hint: 'Results go when their time is over, memories when they are deleted; ask for fewer rows, or have the quota raised: mcp-snow quota set.',
    ...(quota.retryAfterMs !== undefined && { retryAfterMs: quota.retryAfterMs }),
  };
}
