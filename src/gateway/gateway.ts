import { LockTable } from '../locks/lock-table.js';
import type {} from '../locks/read-write-lock.js';
import type { CodeSearch } from '../memory/repositories/code-search.js';
import { FINAL_STATES, type JobRecord } from '../store/job.js';
import type {} from '../store/job-store.js';
import {} from '../store/session-owner.js';
import type {} from '../store/session-store.js';
import type { Store } from '../store/store.js';
import { startSweeper } from '../store/sweeper.js';
import { checkAllowed, guardStatement } from '../warehouse/guard/guard.js';
import { pageRowsOf } from '../warehouse/job-payload.js';
import type { GuardedStatement, StatementClass } from '../warehouse/statement-kind.js';
import { type AdmissionFrame, admit } from './admissions.js';
import { queryAnswer } from './answers.js';
import { AttachedWaits } from './attached-wait.js';
import { auditedGateway } from './audited-gateway.js';
import { bounded, boundedMs, defined } from './bounds.js';
import { Catalog } from './catalog.js';
import { checkedGateway, permissionsOf } from './checked-gateway.js';
import { codeKnowledge } from './code-knowledge.js';
import { assertQueue, type OwnWorker, stayOf } from './inside-request.js';
import { Knowledge } from './knowledge.js';
import { GATEWAY_LIMITS, type GatewayLimits, LONGEST_WAIT_MS } from './limits.js';
import { memoryKnowledge } from './memory-knowledge.js';
import type { OperationRequest } from './operation-request.js';
import { Operations } from './operations.js';
import { OwnJobs } from './own-jobs.js';
import { Pins } from './pins.js';
import type {
  Caller,
  Gateway,
  JobHandle,
  JobSummary,
  ListingRequest,
  ListRequest,
  QueryAnswer,
  QueryRequest,
  ServerStatus,
  UnauditedGateway,
  WaitOptions,
} from './requests.js';
import { readResult } from './result-reader.js';
import { serverStatus } from './server-status.js';
import { SessionCalls } from './session-calls.js';
import { SessionLine } from './session-line.js';
import { subjectOfFailure } from './statement-subject.js';

export interface GatewayOptions {
  readonly store: Store;
  /** Connection profile that statements go to. */
  readonly connection: string;
  /** Classes of statements that may run. */
  readonly allow: readonly StatementClass[];
  readonly version: string;
  readonly limits?: Partial<GatewayLimits>;
  /** The audit keeps the statements' text beside their digest (false). */
  readonly auditText?: boolean;
  /** The worker of this process, for jobs that run inside their request; without it there is none. */
  readonly ownWorker?: OwnWorker;
  /** Locks of the sessions that calls use; given by who wants to see what they are waited for. */
  readonly sessionLocks?: LockTable;
  /** Searches what is synced of repositories, for what answers carry beside what was asked; without it they do not. */
  readonly code?: CodeSearch;
  /** A sweep of the queue failed; the gateway goes on. */
  readonly onTrouble?: (what: string, failure: unknown) => void;
}

const SWEEP_EVERY_MS = 15_000;

/** Opens the gateway on a store. It runs no statement itself: workers of this or any other process do. */
export function createGateway(options: GatewayOptions): Gateway {
  return auditedGateway(checkedGateway(new StoreGateway(options), options.store), {
    store: options.store,
    keepText: options.auditText ?? false,
    onFailure: (failure) => options.onTrouble?.('an audit entry could not be written', failure),
  });
}

class StoreGateway implements UnauditedGateway {
  readonly #options: GatewayOptions;
  readonly #store: Store;
  readonly #limits: GatewayLimits;
  readonly #knowledge: Knowledge;
  readonly #frame: AdmissionFrame;
  readonly #waits: AttachedWaits;
  readonly #jobs: OwnJobs;
  readonly #catalog: Catalog;
  readonly #operations: Operations;
  readonly #sessions: SessionCalls;
  readonly #stopSweeping: () => Promise<void>;
  /** Calls that wait, or read their answer. */
  readonly #calls = new Set<Promise<unknown>>();

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#limits = { ...GATEWAY_LIMITS, ...options.limits };
    this.#frame = {
      connection: options.connection,
      limits: this.#limits,
      auditText: options.auditText ?? false,
      ownWorker: options.ownWorker ?? (async () => undefined),
    };
    this.#waits = new AttachedWaits(options.store, this.#limits.waiterLeaseMs);
    this.#jobs = new OwnJobs(options.store, this.#waits);
    this.#sessions = new SessionCalls(options.store, {
      allow: options.allow,
      frame: this.#frame,
      line: new SessionLine(options.sessionLocks ?? new LockTable()),
      pins: new Pins(options.store, this.#waits, this.#frame),
    });
    this.#operations = new Operations(options.store, this.#waits, this.#frame);
    const { code } = options;
    this.#knowledge = new Knowledge(options.store, [
      memoryKnowledge(options.store),
      ...(code === undefined ? [] : [codeKnowledge(options.store, code)]),
    ]);
    this.#catalog = new Catalog(options.store, this.#waits, this.#frame, this.#knowledge);
    // With no worker about, somebody has to end what waited too long.
    const sweeper = startSweeper(options.store, {
      everyMs: SWEEP_EVERY_MS,
      onFailure: (failure) => options.onTrouble?.('a sweep failed', failure),
    });
    const stopListening = options.store.onChange(() => sweeper.reschedule());
    this.#stopSweeping = async () => {
      stopListening();
      await sweeper.stop();
    };
  }

  async query(caller: Caller, request: QueryRequest, wait: WaitOptions = {}): Promise<QueryAnswer> {
    return await this.#underWay(this.#query(caller, request, wait));
  }

  async #query(caller: Caller, request: QueryRequest, wait: WaitOptions): Promise<QueryAnswer> {
    const guarded = this.#guard(request);
    const maxRows = this.#rowsOf(request);
    const until = performance.now() + this.#waitMs(request.waitS);
    const job = await this.#sessions.run('query', caller, request, guarded, until, wait, async (admission) => {
      const stay = await stayOf(admission, until, this.#frame.ownWorker);
      return await this.#waits.admitAndWait(stay.admission, stay.until, wait);
    });
    return await this.#answer(caller, job, { maxRows });
  }

  async startQuery(caller: Caller, request: QueryRequest): Promise<JobHandle> {
    this.#waits.assertOpen();
    this.#rowsOf(request);
    const guarded = this.#guard(request);
    const until = performance.now() + this.#limits.waitMs;
    const job = await this.#sessions.run('start_query', caller, request, guarded, until, {}, async (admission) => {
      assertQueue(admission);
      const { job } = await admit(this.#store, admission);
      return job;
    });
    return await this.#handleOf(job);
  }

  async startListing(caller: Caller, request: ListingRequest): Promise<JobHandle> {
    return await this.#handleOf(await this.#catalog.start(caller, request));
  }

  async operate(caller: Caller, request: OperationRequest, wait: WaitOptions = {}) {
    return await this.#underWay(this.#operations.run(caller, request, wait));
  }

  async startOperation(caller: Caller, request: OperationRequest): Promise<JobHandle> {
    return await this.#handleOf(await this.#operations.start(caller, request));
  }

  async #handleOf({ id, state }: JobRecord): Promise<JobHandle> {
    const position = await this.#store.position(id);
    return {
      job_id: id,
      state,
      ...defined({ position: position?.ahead, estimated_wait_ms: position?.estimatedWaitMs }),
    };
  }

  listDatabases(caller: Caller, request: ListRequest, wait?: WaitOptions) {
    return this.#catalog.list('databases', caller, request, wait);
  }

  listSchemas(caller: Caller, request: ListRequest, wait?: WaitOptions) {
    return this.#catalog.list('schemas', caller, request, wait);
  }

  listTables(caller: Caller, request: ListRequest, wait?: WaitOptions) {
    return this.#catalog.list('tables', caller, request, wait);
  }

  listViews(caller: Caller, request: ListRequest, wait?: WaitOptions) {
    return this.#catalog.list('views', caller, request, wait);
  }

  describeTable(caller: Caller, request: Parameters<Gateway['describeTable']>[1], wait?: WaitOptions) {
    return this.#catalog.describe(caller, request, wait);
  }

  jobStatus(caller: Caller, id: string): Promise<JobSummary> {
    return this.#jobs.status(caller, id);
  }

  async jobResult(
    caller: Caller,
    request: Parameters<Gateway['jobResult']>[1],
    wait: WaitOptions = {},
  ): Promise<QueryAnswer> {
    return await this.#underWay(this.#jobResult(caller, request, wait));
  }

  async #jobResult(
    caller: Caller,
    request: Parameters<Gateway['jobResult']>[1],
    wait: WaitOptions,
  ): Promise<QueryAnswer> {
    let job = await this.#jobs.get(caller, request.id);
    if (job.kind === 'metadata') (await permissionsOf(this.#store, caller)).checkRawListing();
    const maxRows = this.#rowsOf({ maxRows: request.maxRows ?? pageRowsOf(job.payload) });
    const forMs = this.#waitMs(request.waitS ?? 0);
    if (!FINAL_STATES.has(job.state) && forMs > 0) job = await this.#waits.wait(job.id, forMs, wait);
    return await this.#answer(caller, job, { cursor: request.cursor, maxRows });
  }

  jobCancel(caller: Caller, id: string, reason?: string): Promise<JobSummary> {
    return this.#jobs.cancel(caller, id, reason);
  }

  watchJob(caller: Caller, id: string, onEnded: () => void): Promise<() => void> {
    return this.#jobs.watch(caller, id, onEnded);
  }

  listJobs(caller: Caller, request: Parameters<Gateway['listJobs']>[1]) {
    return this.#jobs.list(caller, request);
  }

  getSession(caller: Caller, name?: string) {
    return this.#sessions.get(caller, name);
  }

  setSession(caller: Caller, name: string | undefined, change: Parameters<Gateway['setSession']>[2]) {
    return this.#sessions.set(caller, name, change);
  }

  async rightsOf(caller: Caller): Promise<string> {
    const client = await this.#store.findClient(caller.client);
    return JSON.stringify([caller.scopes, client?.permissions]);
  }

  async status(caller: Caller): Promise<ServerStatus> {
    const { connection, version, allow } = this.#options;
    return await serverStatus(this.#store, caller, { connection, version, allow });
  }

  async drain(graceMs: number): Promise<void> {
    await this.#waits.drain(graceMs);
    await Promise.allSettled(this.#calls);
  }

  async close(): Promise<void> {
    await this.#waits.close();
    await this.#stopSweeping();
  }

  async #underWay<Answer>(call: Promise<Answer>): Promise<Answer> {
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  #guard(request: QueryRequest): GuardedStatement {
    const guarded = guardStatement(request.sql);
    // Whether it may live on its connection's state is known with its session.
    checkAllowed(guarded, this.#options.allow, { pinned: true });
    return guarded;
  }

  async #answer(
    caller: Caller,
    job: JobRecord,
    page: { readonly cursor?: string | undefined; readonly maxRows: number },
  ): Promise<QueryAnswer> {
    if (job.state !== 'succeeded') {
      const answer = queryAnswer(job);
      const { error } = answer;
      if (job.kind !== 'query' || error?.code !== 'SNOWFLAKE_ERROR') return answer;
      const known = this.#knowledge.about(caller, subjectOfFailure(job, error));
      return { ...answer, ...(await known.within(this.#limits.knowledgeWaitMs)) };
    }
    return queryAnswer(job, await readResult(this.#store, job, { ...page, maxBytes: this.#limits.answerBytes }));
  }

  #rowsOf(request: { readonly maxRows?: number | undefined }): number {
    return bounded(request.maxRows, this.#limits.answerRows, this.#limits.storedRows, 'max_rows');
  }

  #waitMs(waitS: number | undefined): number {
    return waitS === 0 ? 0 : boundedMs(waitS, this.#limits.waitMs, LONGEST_WAIT_MS, 'wait_s');
  }
}
