/** Who works, and when each was last heard of. */
export interface WorkerRecord {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly lanes: readonly string[];
  /** Statements and listings at once; of a worker that takes none, all jobs at once. */
  readonly concurrency: number;
  /** Jobs at once by lane, where lanes have slots of their own. */
  readonly slots?: Readonly<Record<string, number>>;
  readonly running: number;
  /** Only this client's jobs, when set. */
  readonly client?: string;
  readonly startedAt: number;
  readonly heartbeatAt: number;
  /** `lost`: no heartbeat for three intervals. */
  readonly state: 'working' | 'draining' | 'lost';
}

export interface WorkerStore {
  registerWorker(worker: {
    readonly id: string;
    readonly pid: number;
    readonly host: string;
    readonly lanes: readonly string[];
    readonly concurrency: number;
    readonly slots?: Readonly<Record<string, number>>;
    readonly client?: string;
    /** Heartbeats are promised at this interval. */
    readonly heartbeatMs: number;
  }): Promise<void>;
  workerHeartbeat(id: string, state: 'working' | 'draining'): Promise<void>;
  removeWorker(id: string): Promise<void>;
  listWorkers(): Promise<readonly WorkerRecord[]>;
  /** Lanes of single workers (`…:pin:<worker>`) in which jobs wait although the worker is gone or lost. */
  strandedLanes(): Promise<readonly string[]>;
}
