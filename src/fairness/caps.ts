/** How many jobs may run and wait, over all processes. */
export interface Caps {
  readonly maxRunning: number;
  readonly maxQueued: number;
  readonly maxRunningPerClient: number;
  readonly maxQueuedPerClient: number;
}

/** The defaults of seed 000; a client may run half of all. */
export const DEFAULT_CAPS: Caps = {
  maxRunning: 20,
  maxQueued: 100,
  maxRunningPerClient: 10,
  maxQueuedPerClient: 100,
};

/** Jobs that wait: queued, and scheduled for later. */
export interface Waiting {
  readonly inAll: number;
  readonly ofClient: number;
}

/** Which bound a new job would break; `undefined` when it may join. */
export function brokenBound(
  caps: Caps,
  waiting: Waiting,
): { readonly of: 'all' | 'client'; readonly limit: number } | undefined {
  if (waiting.ofClient >= caps.maxQueuedPerClient) return { of: 'client', limit: caps.maxQueuedPerClient };
  if (waiting.inAll >= caps.maxQueued) return { of: 'all', limit: caps.maxQueued };
  return undefined;
}

/** Jobs that may start now, of the `wanted` ones. */
export function freeSlots(caps: Caps, running: number, wanted: number): number {
  return Math.max(0, Math.min(wanted, caps.maxRunning - running));
}

/** Whether a client that runs this many jobs, and may run `most`, has to wait for one of them to end. */
export function isCapped(most: number, runningOfClient: number): boolean {
  return runningOfClient >= most;
}
