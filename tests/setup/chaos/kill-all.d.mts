import type { ChaosJob } from './run.mjs';

export interface KillReport {
  readonly seed: number;
  readonly jobs: readonly ChaosJob[];
  readonly notes: readonly { readonly outcome: string; readonly job?: string }[];
  /** Promises that were not kept, as text. */
  readonly broken: readonly string[];
  readonly leftOver: Readonly<Record<string, number>>;
}

export function killEverything(options: {
  readonly seed: number;
  readonly times: number;
  readonly clients?: number;
  /** Between the start and the next kill. */
  readonly leastMs?: number;
  readonly mostMs?: number;
  readonly settleMs?: number;
}): Promise<KillReport>;
