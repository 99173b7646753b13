import { slotsOf } from '../worker/claim-pool.js';
import { openBackend } from './backend.js';
import type { GlobalOptions } from './global-options.js';
import { startStep } from './step.js';
import { signalOrFailure, stopSignal } from './stop-signal.js';
import { duration } from './table.js';

export interface WorkerCommandOptions extends GlobalOptions {
  readonly concurrency?: number;
  readonly lanes?: readonly string[];
  readonly client?: string;
  readonly leaseMs?: number;
}

/** How long running jobs may take to end after the signal to stop (ms) where nothing is set; then they are handed back. */
const DRAIN_MS = 30_000;

/** Runs until it is told to stop, then ends what it has begun. The ready line on stdout names the worker. */
export async function worker(options: WorkerCommandOptions): Promise<void> {
  const stopped = stopSignal();
  const backend = await openBackend(options);
  try {
    const pools = backend.pools(options);
    const running = await backend.startWorker({
      pools,
      ...(options.client !== undefined && { client: options.client }),
      ...(options.leaseMs !== undefined && { leaseMs: options.leaseMs }),
    });
    const { db } = backend.settings;
    const slots = pools.map((pool) => ({ lane: pool.lanes.join(' '), slots: pool.slots }));
    const concurrency = slotsOf(pools);
    const atOnce = slots.reduce((sum, pool) => sum + pool.slots, 0);
    const lanes = slots.map(({ lane }) => lane);
    const ready = { worker: running.id, pid: process.pid, db, lanes, concurrency, slots };
    process.stdout.write(
      options.json
        ? `${JSON.stringify(ready)}\n`
        : `worker ${running.id.slice(0, 8)} takes ${slots.map((pool) => `${pool.slots} ${pool.lane}`).join(', ')} jobs at once from ${db}\n`,
    );
    const graceMs = backend.settings.shutdown.graceMs ?? DRAIN_MS;
    const stillBusy = await watchUntil(signalOrFailure(stopped, backend.unusable), running, atOnce, options);
    if (stillBusy > 0) process.stderr.write(`ending: ${stillBusy} jobs may take up to ${duration(graceMs)}\n`);
    await backend.close(graceMs);
  } finally {
    await backend.close(0);
  }
  process.exit(0);
}

/** Shows on a terminal that the worker is alive and how busy it is; elsewhere says nothing. Gives the jobs that run at the end. */
async function watchUntil(
  stopped: Promise<unknown>,
  running: { readonly running: number },
  concurrency: number,
  options: WorkerCommandOptions,
): Promise<number> {
  if (process.stderr.isTTY !== true || options.json) {
    await stopped;
    return running.running;
  }
  const text = () => (running.running === 0 ? 'waiting for jobs' : `${running.running} of ${concurrency} slots busy`);
  const step = await startStep(text(), options);
  const timer = setInterval(() => step.update(text()), 250);
  try {
    await stopped;
  } finally {
    clearInterval(timer);
    step.end();
  }
  return running.running;
}
