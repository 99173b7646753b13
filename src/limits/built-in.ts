import type { BucketRate } from './token-bucket.js';

/** Rates in force where none is set: those of seed 003. */
export const BUILT_IN_RATES: Readonly<Record<'memory' | 'sync', BucketRate>> = {
  memory: { count: 100, perMs: 60_000, burst: 100 },
  sync: { count: 5, perMs: 3_600_000, burst: 5 },
};
