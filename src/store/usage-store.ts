/** Kinds of work that rates and quotas tell apart: statements and listings, memory operations, repository syncs. */
export const OPERATION_CLASSES = ['query', 'metadata', 'memory', 'sync'] as const;
export type OperationClass = (typeof OPERATION_CLASSES)[number];

/** Whom a limit is set for; the narrowest one that is set wins: client, then group, then default. */
export type LimitScope = { readonly client: string } | { readonly group: string } | 'default' | 'global';

/** Token bucket: `burst` at once, refilled evenly at `count` per `perMs`. */
export interface RateLimit {
  readonly count: number;
  readonly perMs: number;
  readonly burst: number;
}

export const QUOTA_METRICS = ['requests', 'seconds', 'rows', 'bytes', 'running', 'stored_mb'] as const;
export type QuotaMetric = (typeof QUOTA_METRICS)[number];

/** `running` and `stored_mb` have no period: they are levels, not flows. */
export type QuotaPeriod = 'hour' | 'day' | 'now';

/** At most `limit` of what the metric counts (`seconds` of execution, `stored_mb` of 2^20 bytes) within the period. */
export interface QuotaLimit {
  readonly class: OperationClass | 'all';
  readonly metric: QuotaMetric;
  readonly period: QuotaPeriod;
  readonly limit: number;
}

export interface QuotaUse extends QuotaLimit {
  readonly used: number;
  /** Taken by running jobs until they settle. */
  readonly reserved: number;
  /** Where the limit comes from. */
  readonly from: 'client' | 'group' | 'default';
  /** When the window ends (ms since the epoch); absent for levels. */
  readonly resetsAt?: number;
}

/** A limit that was set, and for whom. */
export type LimitSetting = { readonly scope: LimitScope } & (
  | { readonly rate: RateLimit; readonly class: OperationClass }
  | { readonly quota: QuotaLimit }
);

/** What a job may use at most, because its client's quotas leave no more. Absent members: as much as it asked for. */
export interface JobCaps {
  readonly executionMs?: number;
  readonly rows?: number;
  readonly bytes?: number;
}

/** Bytes that are kept for a client; together they count towards its quota of stored MB. */
export interface KeptBytes {
  /** Of jobs, before compression, until they go. */
  readonly results: number;
  /** Of the namespaces that count against it. */
  readonly memories: number;
}

export interface UsageReport {
  readonly client: string;
  readonly rates: readonly (RateLimit & {
    readonly class: OperationClass;
    /** Whole tokens left at this moment. */
    readonly available: number;
    /** `built-in` where nothing is set. */
    readonly from: 'client' | 'group' | 'default' | 'built-in';
  })[];
  readonly quotas: readonly QuotaUse[];
  readonly kept: KeptBytes;
  /** Of the current hour and day, limited or not: off means counted only. */
  readonly used: readonly {
    readonly class: OperationClass;
    readonly period: 'hour' | 'day';
    readonly requests: number;
    readonly seconds: number;
    readonly rows: number;
    readonly bytes: number;
  }[];
}

/**
 * Rates and quotas. `JobStore.admit` takes from buckets and request quotas, `claim` reserves seconds, rows and bytes, `settle`
 * and `sweep` reconcile; all inside the transactions they have anyway, with the pure functions of `limits/`.
 */
export interface UsageStore {
  setRate(scope: LimitScope, operation: OperationClass, rate: RateLimit | null): Promise<void>;
  setQuota(
    scope: Exclude<LimitScope, 'global'>,
    quota: QuotaLimit | (Omit<QuotaLimit, 'limit'> & { readonly limit: null }),
  ): Promise<void>;
  /** Everything that is set, built-in rates not among it. */
  limitSettings(): Promise<readonly LimitSetting[]>;
  /** Also of a client that was never seen: its limits, and nothing used. */
  usage(client: string): Promise<UsageReport>;
  /** Of several clients at one moment, in their order. */
  usageOf(clients: readonly string[]): Promise<readonly UsageReport[]>;
  /** Closes windows that have ended, and with `client` opens that client's current ones anew. Idempotent; for cron. */
  resetQuotas(options?: { readonly client?: string }): Promise<{ readonly closed: number; readonly reset: number }>;
  /** For work that is no job (memory operations): takes from bucket and request quota, or says why not. */
  takeRequest(
    client: string,
    operation: OperationClass,
  ): Promise<
    { readonly taken: true } | { readonly taken: false; readonly refusal: import('../errors/snow-error.js').ErrorData }
  >;
}
