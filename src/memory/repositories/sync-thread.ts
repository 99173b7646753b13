import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorData, errorDataOf, SnowError } from '../../errors/snow-error.js';
import { Courtesy } from './courtesy.js';
import { removeIndex } from './index-files.js';
import { indexPath } from './index-path.js';
import { type SyncProgress, type SyncReport, type SyncRequest, syncFolder } from './sync.js';

/** What the thread is started with. */
export interface SyncThreadData {
  readonly request: SyncRequest;
  /** Set to 1 to end the sync. */
  readonly stop: Int32Array;
}

export type SyncThreadMessage =
  | { readonly progress: SyncProgress }
  | { readonly report: SyncReport }
  | { readonly error: ErrorData };

/** Least ms between two messages about progress in one phase. */
const TELL_EVERY_MS = 100;

/** Everybody else's work goes first: on Linux this is said of the calling thread alone. */
const NICE = 10;

function main({ request, stop }: SyncThreadData, tell: (message: SyncThreadMessage) => void): void {
  if (process.platform === 'linux') setPriority(0, NICE);
  const courtesy = new Courtesy();
  let toldAt = 0;
  let phase = '';
  const control = {
    look() {
      const pauseMs = courtesy.pauseMs();
      if (pauseMs > 0) Atomics.wait(stop, 0, 0, pauseMs);
      if (Atomics.load(stop, 0) !== 0) throw new SnowError({ code: 'CANCELLED', message: 'The sync was ended.' });
    },
    progress(progress: SyncProgress) {
      if (progress.phase === phase && performance.now() - toldAt < TELL_EVERY_MS) return;
      toldAt = performance.now();
      phase = progress.phase;
      tell({ progress });
    },
  };
  try {
    tell({ report: syncFolder(request, control) });
  } catch (failure) {
    if (!isDamage(failure)) return tell({ error: failureData(failure) });
    // All of it can be made again from the folder.
    const { indexFolder, generation } = request;
    for (const each of [generation, generation + 1]) removeIndex(indexPath(indexFolder, each));
    try {
      tell({ report: syncFolder(request, control) });
    } catch (again) {
      tell({ error: failureData(again) });
    }
  }
}

function isDamage(failure: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test((failure as { code?: string } | undefined)?.code ?? '');
}

function failureData(failure: unknown): ErrorData {
  const code = (failure as { code?: string } | undefined)?.code ?? '';
  if (/^(SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM)|ENOSPC|EACCES|EROFS|EDQUOT)/.test(code))
    return {
      code: 'STORE_UNAVAILABLE',
      message: `The index could not be written: ${errorDataOf(failure).message}.`,
      hint: 'Look at the space and the permissions of the folder beside the database, then sync again.',
    };
  return errorDataOf(failure);
}

if (parentPort !== null) main(workerData as SyncThreadData, (message) => parentPort?.postMessage(message));
