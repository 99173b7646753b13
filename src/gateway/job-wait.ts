import { errorDataOf, SnowError } from '../errors/snow-error.js';
import { FINAL_STATES, type JobRecord } from '../store/job.js';
import type { Store } from '../store/store.js';
import { waitsForConnection } from './answers.js';
import type { WaitOptions, WaitProgress } from './requests.js';
import type { Settlements } from './settlements.js';

export interface JobWaitOptions extends WaitOptions {
  /** Longest wait in ms. */
  readonly forMs: number;
  /** Aborting ends the wait as if the time were up. */
  readonly giveUp?: AbortSignal;
  /** Extends the waiter's lease of an attached job. */
  readonly renew?: { readonly everyMs: number; readonly run: () => Promise<unknown> };
}

/** First and repeated look at a waiting job's place and progress, in ms; only where somebody wants to know. */
const FIRST_PROGRESS_MS = 200;
const PROGRESS_EVERY_MS = 1_000;

/** A waiter that was not told (the store could not be read at that moment) finds out by itself after this many ms. */
const LOOK_EVERY_MS = 5_000;

/**
 * Waits until the job has ended, the time is up or the caller aborts, whichever comes first. Resolves to the job's record as
 * it is then; an abort rejects with `CANCELLED`.
 */
export async function waitForJob(
  store: Store,
  settlements: Settlements,
  id: string,
  options: JobWaitOptions,
): Promise<JobRecord> {
  const { signal, giveUp } = options;
  let finish: (why: 'settled' | 'time-up' | 'aborted') => void = () => {};
  const over = new Promise<'settled' | 'time-up' | 'aborted'>((resolve) => {
    finish = resolve;
  });
  const onAbort = (): void => finish('aborted');
  const onGiveUp = (): void => finish('time-up');
  const forget = await settlements.watch(id, () => finish('settled'));
  const timers: NodeJS.Timeout[] = [];
  try {
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    giveUp?.addEventListener('abort', onGiveUp, { once: true });
    if (giveUp?.aborted) onGiveUp();
    const found = await mustFind(store, id);
    if (FINAL_STATES.has(found.state)) return found;
    timers.push(
      setTimeout(() => finish('time-up'), options.forMs),
      setInterval(() => void lookAgain(), LOOK_EVERY_MS),
    );
    // A renewal that fails is made up for by the next: the lease is three times as long.
    if (options.renew !== undefined) {
      const { run, everyMs } = options.renew;
      timers.push(setInterval(() => void run().catch(() => {}), everyMs));
    }
    if (options.onProgress !== undefined) {
      const tell = options.onProgress;
      const report = (): void => void progressOf(store, id).then((progress) => progress && tell(progress), ignore);
      timers.push(setTimeout(report, FIRST_PROGRESS_MS), setInterval(report, PROGRESS_EVERY_MS));
    }
    if ((await over) === 'aborted')
      throw new SnowError({ code: 'CANCELLED', message: abortMessage(signal?.reason) }, { cause: signal?.reason });
    return await mustFind(store, id);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    for (const timer of timers) clearTimeout(timer);
    forget();
  }

  async function lookAgain(): Promise<void> {
    const job = await store.find(id).catch(ignore);
    if (job !== undefined && FINAL_STATES.has(job.state)) finish('settled');
  }
}

/** Where the job stands, for a waiting caller; `undefined` when it has ended. */
async function progressOf(store: Store, id: string): Promise<WaitProgress | undefined> {
  const job = await store.find(id);
  if (job === undefined || FINAL_STATES.has(job.state)) return undefined;
  if (job.state === 'running')
    return {
      state: 'running',
      elapsedMs: Math.max(0, Date.now() - (job.startedAt ?? Date.now())),
      ...(job.progress === undefined ? {} : { progress: job.progress }),
    };
  const position = await store.position(id);
  return {
    state: job.state === 'scheduled' ? 'scheduled' : 'queued',
    ahead: position?.ahead ?? 0,
    ...(position?.estimatedWaitMs === undefined ? {} : { estimatedWaitMs: position.estimatedWaitMs }),
    ...(waitsForConnection(job, position) && { waitsFor: 'connection' }),
  };
}

async function mustFind(store: Store, id: string): Promise<JobRecord> {
  const job = await store.find(id);
  if (job === undefined) throw new SnowError({ code: 'NOT_FOUND', message: `There is no job ${id} any more.` });
  return job;
}

function abortMessage(reason: unknown): string {
  return reason instanceof SnowError ? errorDataOf(reason).message : 'The caller cancelled the request.';
}

function ignore(): undefined {
  return undefined;
}
