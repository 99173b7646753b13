import type { ChaosJob } from './run.mjs';

export interface Inventory {
  /** Open file descriptors. */
  readonly workerHandles: number;
  readonly serverHandles: number;
  readonly warehouseHandles: number;
  /** Resident memory. */
  readonly workerMb: number;
  readonly serverMb: number;
  /** Of the warehouse. */
  readonly sessions: number;
  readonly running: number;
  /** Open connections to the warehouse. */
  readonly sockets: number;
}

export function cancelAtRandom(options: {
  readonly seed: number;
  readonly operations: number;
  readonly clients?: number;
}): Promise<{
  readonly seed: number;
  readonly before: Inventory;
  readonly after: Inventory;
  readonly leftOver: Readonly<Record<string, number>>;
  readonly jobs: readonly ChaosJob[];
}>;
