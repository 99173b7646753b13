import { SnowError } from '../errors/snow-error.js';
import { FINAL_STATES, type JobRecord, type JobState } from '../store/job.js';
import type { Store } from '../store/store.js';
import { jobSummary } from './answers.js';
import type { AttachedWaits } from './attached-wait.js';
import { bounded, defined } from './bounds.js';
import type { Caller, Gateway, JobSummary } from './requests.js';

/** How long `cancel` waits for the worker to confirm, in ms. */
const CANCEL_WAIT_MS = 3_000;

const JOBS_PAGE = 50;
const LONGEST_JOBS_PAGE = 1_000;

/** The jobs of one client: those of others do not exist for it. */
export class OwnJobs {
  readonly #store: Store;
  readonly #waits: AttachedWaits;

  constructor(store: Store, waits: AttachedWaits) {
    this.#store = store;
    this.#waits = waits;
  }

  /** Throws NOT_FOUND for a job of another client. */
  async get(caller: Caller, id: string): Promise<JobRecord> {
    const job = await this.#store.find(id);
    if (job === undefined || job.client !== caller.client)
      throw new SnowError({
        code: 'NOT_FOUND',
        message: `There is no job ${JSON.stringify(id.slice(0, 80))}.`,
        hint: 'list_jobs shows your jobs; ended ones are kept for a limited time.',
      });
    return job;
  }

  async status(caller: Caller, id: string): Promise<JobSummary> {
    const job = await this.get(caller, id);
    return jobSummary(job, job.state === 'queued' ? await this.#store.position(id) : undefined);
  }

  async cancel(caller: Caller, id: string, reason = 'The client asked for it.'): Promise<JobSummary> {
    await this.get(caller, id);
    const { outcome } = await this.#store.cancel(id, reason);
    if (outcome === 'requested') await this.#waits.wait(id, CANCEL_WAIT_MS, {});
    return jobSummary(await this.get(caller, id));
  }

  async watch(caller: Caller, id: string, onEnded: () => void): Promise<() => void> {
    await this.get(caller, id);
    let stopWatching: (() => void) | undefined;
    let stopped = false;
    const stop = (): void => {
      stopped = true;
      stopWatching?.();
    };
    const end = (): void => {
      if (stopped) return;
      stop();
      onEnded();
    };
    stopWatching = await this.#waits.watch(id, end);
    const job = await this.#store.find(id);
    if (stopped) stopWatching();
    else if (job === undefined || FINAL_STATES.has(job.state)) queueMicrotask(end);
    return stop;
  }

  async list(caller: Caller, request: Parameters<Gateway['listJobs']>[1]) {
    const page = await this.#store.list({
      client: caller.client,
      limit: bounded(request.limit, JOBS_PAGE, LONGEST_JOBS_PAGE, 'limit'),
      ...defined({ states: request.states as readonly JobState[] | undefined, cursor: request.cursor }),
    });
    return {
      jobs: page.jobs.map((job) => jobSummary(job)),
      ...(page.nextCursor === undefined ? {} : { next_cursor: page.nextCursor }),
    };
  }
}
