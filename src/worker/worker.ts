import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { errorDataOf, SnowError } from '../errors/snow-error.js';
import { backoffMs, retryPolicy } from '../resilience/backoff.js';
import type { JobKind } from '../store/job.js';
import type { ClaimedJob, Settlement } from '../store/job-store.js';
import { pinLane, profileNeeded } from '../store/lane.js';
import type { Store } from '../store/store.js';
import { startSweeper } from '../store/sweeper.js';
import { ClaimPool, slotsOf, type WorkerPool } from './claim-pool.js';
import type { JobHandler } from './handler.js';
import { Heart } from './heart.js';
import { Prober } from './prober.js';
import { RunningJob } from './running-job.js';
import { settleSurely } from './settle-surely.js';
import { LeftToTakeover, WorkerEnding } from './stop-reasons.js';
import { handleWithinCaps } from './within-caps.js';

export interface WorkerOptions {
  readonly store: Store;
  /** What this worker can do: see `sqlLane`. */
  readonly lanes: readonly string[];
  /** Jobs at once, of those lanes. */
  readonly concurrency: number;
  /** Further lanes with slots of their own, so that none waits for another. */
  readonly pools?: readonly WorkerPool[];
  readonly handlers: Partial<Record<JobKind, JobHandler>>;
  /** The pinned sessions it holds; closed when the worker ends. With them it serves lanes of its own, too. */
  readonly pinned?: { close(): Promise<void> };
  /** Ends in the warehouse what lost workers held for pinned sessions. */
  readonly endAbandoned?: (worker: string) => Promise<void>;
  /** Resolves when the warehouse of the profile answered; with it the worker looks after the breakers of its lanes. */
  readonly probe?: (profile: string) => Promise<void>;
  /** Only this client's jobs. */
  readonly client?: string;
  /** How long a job stays with a worker that is not heard of any more, in ms (15,000). Must outlast the worst stall. */
  readonly leaseMs?: number;
  /** Between two heartbeats, in ms (a third of the lease). */
  readonly heartbeatMs?: number;
  /** Something went wrong that is no job's failure: the store did not answer, a handler broke its promise. */
  readonly onTrouble?: (what: string, failure: unknown) => void;
}

export interface Worker {
  readonly id: string;
  readonly running: number;
  /**
   * Takes nothing new, gives back what has not left for the warehouse, and waits for the rest. After `graceMs` all that
   * still runs is queued again: reads are cancelled in the warehouse, writes go on there and the worker that gets them asks
   * for their outcome by request id.
   */
  drain(graceMs: number): Promise<void>;
  /** As `drain(0)`. */
  stop(): Promise<void>;
}

const DEFAULT_LEASE_MS = 15_000;

/** How long a drain waits, after its grace, for handlers to notice that they were stopped, in ms. */
const STOPPING_MS = 5_000;

/** Registers the worker and starts to claim. Driven by the store's changes: an idle worker does nothing but its heartbeat. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const worker = new ClaimLoop(options);
  await worker.start();
  return worker;
}

class ClaimLoop implements Worker {
  readonly id = randomUUID();
  readonly #options: WorkerOptions;
  readonly #store: Store;
  readonly #leaseMs: number;
  readonly #jobs = new Set<RunningJob>();
  readonly #ends = new Set<Promise<void>>();
  readonly #heart: Heart;
  readonly #pools: readonly ClaimPool[];
  #adopting: NodeJS.Timeout | undefined;
  #prober: Prober | undefined;
  #stopListening: () => void = () => {};
  #stopSweeping: () => Promise<void> = async () => {};
  #state: 'working' | 'draining' = 'working';
  #ended: Promise<void> | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
    this.#heart = new Heart({
      store: options.store,
      worker: this.id,
      leaseMs: this.#leaseMs,
      everyMs: Math.round(options.heartbeatMs ?? this.#leaseMs / 3),
      signOn: () => this.#signOn(),
      state: () => this.#state,
      jobs: () => this.#jobs,
      onFailure: (failure) => this.#trouble('a heartbeat could not be stored', failure),
    });
    const { lanes, concurrency, pools = [] } = options;
    this.#pools = [{ lanes, slots: concurrency }, ...pools].map((pool) => this.#poolOf(pool));
  }

  #poolOf({ lanes, slots }: WorkerPool): ClaimPool {
    const { client, pinned } = this.#options;
    return new ClaimPool({
      lanes: pinned === undefined ? lanes : [...lanes, ...lanes.map((lane) => pinLane(lane, this.id))],
      slots,
      isOpen: () => this.#state === 'working',
      take: (claimable, most) =>
        this.#store.claim({
          worker: this.id,
          lanes: claimable,
          slots: most,
          leaseMs: this.#leaseMs,
          ...(client === undefined ? {} : { client }),
        }),
      run: (claimed, pool) => this.#run(claimed, pool),
      onFailure: (failure) => this.#trouble('no job could be claimed', failure),
      againMs: this.#heart.everyMs,
    });
  }

  get running(): number {
    return this.#jobs.size;
  }

  async start(): Promise<void> {
    await this.#signOn();
    const sweeper = startSweeper(this.#store, {
      everyMs: this.#leaseMs,
      onFailure: (failure) => this.#trouble('a sweep failed', failure),
    });
    this.#stopSweeping = () => sweeper.stop();
    this.#stopListening = this.#store.onChange(() => {
      this.#claim();
      this.#heart.lookForCancels();
      this.#prober?.look();
      sweeper.reschedule();
    });
    this.#heart.start();
    this.#startProbing();
    if (this.#options.pinned !== undefined) this.#adopting = setInterval(() => void this.#adopt(), this.#leaseMs);
    this.#claim();
  }

  #startProbing(): void {
    const { probe } = this.#options;
    if (probe === undefined) return;
    this.#prober = new Prober({
      store: this.#store,
      holder: this.id,
      profiles: [...new Set(this.#lanes.flatMap((lane) => profileNeeded(lane) ?? []))],
      probe,
      onMore: () => this.#claim(),
      onFailure: (failure) => this.#trouble('a breaker could not be looked after', failure),
    });
    this.#prober.look();
  }

  get #slots(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#pools.flatMap(({ lanes, slots }) => lanes.map((lane) => [lane, slots])));
  }

  get #lanes(): readonly string[] {
    return this.#pools.flatMap(({ lanes }) => lanes);
  }

  async #signOn(): Promise<void> {
    const { client } = this.#options;
    await this.#store.registerWorker({
      id: this.id,
      pid: process.pid,
      host: hostname(),
      lanes: this.#lanes,
      ...(this.#pools.length > 1 && { slots: this.#slots }),
      concurrency: slotsOf(this.#pools),
      heartbeatMs: this.#heart.everyMs,
      ...(client === undefined ? {} : { client }),
    });
  }

  async drain(graceMs: number): Promise<void> {
    this.#ended ??= this.#end(graceMs);
    await this.#ended;
  }

  async stop(): Promise<void> {
    await this.drain(0);
  }

  async #end(graceMs: number): Promise<void> {
    this.#state = 'draining';
    void this.#heart.beat();
    // What is being claimed at this moment is given back as well.
    await Promise.all(this.#pools.map(({ claiming }) => claiming));
    for (const job of this.#jobs) if (!job.dispatched) job.stop(new WorkerEnding());
    await this.#settledWithin(graceMs);
    for (const job of this.#jobs) job.stop(new WorkerEnding());
    await this.#settledWithin(STOPPING_MS);
    this.#heart.stop();
    clearInterval(this.#adopting);
    this.#stopListening();
    this.#prober?.stop();
    await this.#options.pinned?.close();
    await this.#stopSweeping();
    await this.#store.removeWorker(this.id).catch((failure: unknown) => this.#trouble('could not sign off', failure));
  }

  async #settledWithin(ms: number): Promise<void> {
    if (this.#ends.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.all(this.#ends), timeUp]);
    clearTimeout(timer);
  }

  #claim(): void {
    for (const pool of this.#pools) pool.claim();
  }

  async #adopt(): Promise<void> {
    try {
      const stranded = await this.#store.strandedLanes();
      for (const pool of this.#pools) pool.adopt(stranded);
    } catch (failure) {
      this.#trouble('lanes of lost workers could not be looked for', failure);
    }
    await this.#options
      .endAbandoned?.(this.id)
      .catch((failure: unknown) => this.#trouble('connections of lost workers could not be ended', failure));
  }

  #run(claimed: ClaimedJob, pool: ClaimPool): void {
    const job = new RunningJob(this.#store, claimed, () => this.#heart.progressed());
    this.#jobs.add(job);
    if (this.#state === 'draining') job.stop(new WorkerEnding());
    const end = this.#runToEnd(job, pool).finally(() => this.#ends.delete(end));
    this.#ends.add(end);
  }

  async #runToEnd(job: RunningJob, pool: ClaimPool): Promise<void> {
    const settlement = await this.#handle(job);
    this.#jobs.delete(job);
    pool.ended();
    const told = settlement === undefined ? Promise.resolve() : this.#tell(job, settlement);
    pool.claim();
    await told;
  }

  /** What the handler made of the job; `undefined` when there is nothing to tell the store. */
  async #handle(job: RunningJob): Promise<Settlement | 'release' | undefined> {
    const { kind } = job.claimed.job;
    const handler = this.#options.handlers[kind];
    const startedAt = performance.now();
    const usage = () => ({ executionMs: Math.round(performance.now() - startedAt), rows: 0, bytes: 0 });
    try {
      if (job.claimed.job.cancelRequested !== undefined) job.cancel(job.claimed.job.cancelRequested);
      if (handler === undefined) {
        return askedFirst(job, {
          state: 'failed',
          error: { code: 'INVALID_ARGUMENT', message: `This worker cannot do jobs of the kind "${kind}".` },
          usage: usage(),
        });
      }
      const settlement = await handleWithinCaps(handler, job.claimed, job);
      if (job.leaseLost) return undefined;
      const stopped = settlement.state === 'cancelled' && job.signal.reason instanceof WorkerEnding;
      return stopped ? this.#handBack(job, settlement) : askedFirst(job, settlement);
    } catch (failure) {
      if (job.leaseLost) return undefined;
      if (failure instanceof LeftToTakeover) {
        this.#trouble(`job ${job.hold.id} is left to whoever takes over its lease`, failure);
        return undefined;
      }
      this.#trouble(`the handler of "${kind}" jobs threw`, failure);
      return askedFirst(job, { state: 'failed', error: errorDataOf(failure), usage: usage() });
    }
  }

  /** The worker ends and this job was stopped for it. */
  #handBack(job: RunningJob, settlement: Settlement): Settlement | 'release' {
    if (!job.dispatched) return 'release';
    // Reads run anew elsewhere; a write goes on in the warehouse, and its next worker asks for it by request id.
    const error = new WorkerEnding().data;
    return { state: 'scheduled', runAt: Date.now(), error, usage: settlement.usage };
  }

  async #tell(job: RunningJob, settlement: Settlement | 'release'): Promise<void> {
    try {
      if (settlement === 'release') await this.#store.release(job.hold);
      else await this.#settle(job, settlement);
    } catch (failure) {
      this.#trouble(`job ${job.hold.id} could not be settled; its lease will run out`, failure);
    }
  }

  async #settle(job: RunningJob, settlement: Settlement): Promise<void> {
    const lastPage = settlement.state === 'succeeded' ? job.lastPage : undefined;
    await settleSurely(this.#store, job.hold, settlement, this.#leaseMs, lastPage);
  }

  #trouble(what: string, failure: unknown): void {
    const known = failure instanceof SnowError && failure.code === 'CANCELLED';
    if (!known) this.#options.onTrouble?.(what, failure);
  }
}

/** A write that was sent ends as failed or cancelled only once its outcome is known; until then it is tried again. */
function askedFirst(job: RunningJob, settlement: Settlement): Settlement {
  if (settlement.state === 'succeeded' || settlement.state === 'scheduled') return settlement;
  const { error, usage } = settlement;
  if (settlement.outcomeKnown === true || error.code === 'OUTCOME_UNKNOWN' || !job.sentWrite) return settlement;
  const {
    attempt,
    job: { flags },
  } = job.claimed;
  return {
    state: 'scheduled',
    runAt: Date.now() + backoffMs(attempt, retryPolicy(flags['circuit-breaker'] === true)),
    error,
    usage,
  };
}
