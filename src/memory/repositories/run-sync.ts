import { Worker } from 'node:worker_threads';
import { SnowError } from '../../errors/snow-error.js';
import type { SyncProgress, SyncReport, SyncRequest } from './sync.js';
import type { SyncThreadData, SyncThreadMessage } from './sync-thread.js';

/** From `src` and from `dist` alike: a thread runs what was built. */
const THREAD = new URL('../../../dist/memory/repositories/sync-thread.js', import.meta.url);

/** How long a thread may take to see that it is to end, in ms; then it is ended. */
const STOPPING_MS = 5_000;

const MOST_HEAP_MB = 512;

/**
 * Runs a sync on a thread of its own. Aborted, it rejects with the signal's reason once the thread has ended; what has been
 * indexed by then is kept for the next sync.
 */
export async function runSync(
  request: SyncRequest,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: SyncProgress) => void },
): Promise<SyncReport> {
  const { signal, onProgress } = options;
  signal.throwIfAborted();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(THREAD, {
    workerData: { request, stop } satisfies SyncThreadData,
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
  });
  let patience: NodeJS.Timeout | undefined;
  const end = (): void => {
    Atomics.store(stop, 0, 1);
    patience = setTimeout(() => void thread.terminate(), STOPPING_MS);
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    return await new Promise<SyncReport>((resolve, reject) => {
      let outcome: SyncThreadMessage | undefined;
      thread.on('message', (message: SyncThreadMessage) => {
        if ('progress' in message) onProgress(message.progress);
        else outcome = message;
      });
      thread.once('error', (failure) => reject(diedOf(failure)));
      thread.once('exit', () => {
        if (outcome !== undefined && 'report' in outcome) resolve(outcome.report);
        else if (signal.aborted) reject(signal.reason);
        else if (outcome !== undefined && 'error' in outcome) reject(new SnowError(outcome.error));
        else reject(diedOf(undefined));
      });
    });
  } finally {
    clearTimeout(patience);
    signal.removeEventListener('abort', end);
  }
}

function diedOf(failure: unknown): SnowError {
  const full = (failure as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new SnowError(
    {
      code: 'INTERNAL',
      message: full ? 'The sync needed more memory than it may have.' : 'The thread of the sync has died.',
      hint: 'Sync again: it goes on where it was. If it happens again, leave out large files with .gitignore.',
    },
    { cause: failure },
  );
}
