import { SnowError } from '../errors/snow-error.js';
import type { Admission } from '../store/job-store.js';
import { pinLane, sharedLane } from '../store/lane.js';

/** Id of the worker in this process that takes a client's jobs; `undefined` when there is none. */
export type OwnWorker = (client: string) => Promise<string | undefined>;

/** How a job is queued, and until when (`performance.now()`) its caller waits before it is detached. */
export interface Stay {
  readonly admission: Admission;
  readonly until: number;
}

/** The longest that a timer runs, in ms: the time-outs of statement and queue end the job long before. */
const WITHOUT_END_MS = 2 ** 31 - 1;

/**
 * With `job-queue` off the job runs inside its request: only this process's own worker may take it, and the caller waits for
 * its end however long it takes, as if there were no queue. It has its row and its lease all the same, so caps, counts and
 * the audit hold, and it is cancelled with its process.
 */
export async function stayOf(admission: Admission, until: number, ownWorker: OwnWorker): Promise<Stay> {
  if (!runsInside(admission)) return { admission, until };
  const stay = performance.now() + WITHOUT_END_MS;
  // The connection of a pinned session is in a certain worker, and the job follows it.
  if (sharedLane(admission.lane) !== admission.lane) return { admission, until: stay };
  const worker = await ownWorker(admission.client);
  if (worker === undefined) throw noWorker(admission.client);
  return { admission: { ...admission, lane: pinLane(admission.lane, worker) }, until: stay };
}

/** Throws for a call that wants its job to live on without it, where no job does. */
export function assertQueue(admission: Admission): void {
  if (!runsInside(admission)) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The job queue is switched off for "${admission.client}": nothing can run in the background.`,
    hint: `Use ${admission.kind === 'query' ? 'query, which waits' : 'a call that waits'} for the end; or have it switched on: flag set job-queue on --client ${admission.client}`,
  });
}

function runsInside({ flags }: Admission): boolean {
  return flags['job-queue'] === false;
}

function noWorker(client: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The job queue is switched off for "${client}", and this process has no worker to do the work itself.`,
    hint: `Start serve without --no-worker, or switch the queue on: flag set job-queue on --client ${client}`,
  });
}
