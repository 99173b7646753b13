import { SnowError } from '../errors/snow-error.js';
import { familyOf } from '../memory/operation-payload.js';
import { FINAL_STATES, type JobRecord } from '../store/job.js';
import type { Store } from '../store/store.js';
import { type AdmissionFrame, admit, operationAdmission } from './admissions.js';
import { errorOf } from './answers.js';
import type { AttachedWaits } from './attached-wait.js';
import { boundedMs } from './bounds.js';
import { checkScope } from './checked-gateway.js';
import { flagsOf } from './flags.js';
import { assertQueue, stayOf } from './inside-request.js';
import { LONGEST_WAIT_MS } from './limits.js';
import type { OperationAnswer, OperationRequest } from './operation-request.js';
import type { Caller, WaitOptions } from './requests.js';
import { readResult } from './result-reader.js';
import { toldByJob } from './told-by-job.js';

/** Operations as jobs: the same admission, limits, audit and waiting as statements have, and no warehouse. */
export class Operations {
  readonly #store: Store;
  readonly #waits: AttachedWaits;
  readonly #frame: AdmissionFrame;

  constructor(store: Store, waits: AttachedWaits, frame: AdmissionFrame) {
    this.#store = store;
    this.#waits = waits;
    this.#frame = frame;
  }

  /** Queues it attached to the caller and waits; after `waitS` it is detached and goes on. Throws what it ended with. */
  async run(caller: Caller, request: OperationRequest, wait: WaitOptions): Promise<OperationAnswer> {
    checkOperation(caller, request);
    const { waitMs } = this.#frame.limits;
    const forMs = request.waitS === 0 ? 0 : boundedMs(request.waitS, waitMs, LONGEST_WAIT_MS, 'wait_s');
    const until = performance.now() + forMs;
    const admission = operationAdmission(this.#frame, caller, request, await flagsOf(this.#store, caller.client));
    const stay = await stayOf(admission, until, this.#frame.ownWorker);
    return await this.#answer(await this.#waits.admitAndWait(stay.admission, stay.until, wait));
  }

  /** Queues it detached. */
  async start(caller: Caller, request: OperationRequest): Promise<JobRecord> {
    this.#waits.assertOpen();
    checkOperation(caller, request);
    const admission = operationAdmission(this.#frame, caller, request, await flagsOf(this.#store, caller.client));
    assertQueue(admission);
    return (await admit(this.#store, admission)).job;
  }

  async #answer(job: JobRecord): Promise<OperationAnswer> {
    const { id, state, queuedMs } = job;
    const common = { job_id: id, state, queued_ms: queuedMs };
    if (!FINAL_STATES.has(state)) {
      const message = `The job is ${state} and goes on by itself. Ask job_result with this job_id and wait_s for its answer, or job_cancel to end it.`;
      return { ...common, message };
    }
    if (state !== 'succeeded') throw toldByJob(new SnowError(errorOf(job)));
    const { rows } = await readResult(this.#store, job, { maxRows: 1, maxBytes: Number.POSITIVE_INFINITY });
    return { ...common, answer: rows[0]?.[0] ?? null };
  }
}

/** Throws `NOT_PERMITTED` for a token that was not made for it, `INVALID_ARGUMENT` for a name that belongs to nobody. */
function checkOperation(caller: Caller, { name }: OperationRequest): void {
  familyOf(name);
  checkScope(caller, 'memory');
}
