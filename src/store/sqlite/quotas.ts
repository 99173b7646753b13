import type { ErrorData } from '../../errors/snow-error.js';
import { quotaRefusal, storedRefusal } from '../../limits/refusals.js';
import { mayRequest, reserve } from '../../limits/reservation.js';
import type { Json } from '../job.js';
import type { JobCaps, OperationClass } from '../usage-store.js';
import type { Engine } from './engine.js';
import { type Kept, mbOf, prepareKeptBytes } from './kept-bytes.js';
import { type Counts, prepareUsageCounters, sumOf, type UsageWindows } from './usage-counters.js';
import { classesOf, type FlowQuotaInForce, type LimitsInForce } from './usage-limits.js';

/** Each metric's count, and how many of it make one of the quota's unit. */
const FLOWS = {
  requests: { count: 'requests', unit: 1 },
  seconds: { count: 'ms', unit: 1_000 },
  rows: { count: 'rows', unit: 1 },
  bytes: { count: 'bytes', unit: 1 },
} as const satisfies Record<FlowQuotaInForce['metric'], { count: keyof Counts; unit: number }>;

type ReservedMetric = 'seconds' | 'rows' | 'bytes';
const RESERVED_METRICS = ['seconds', 'rows', 'bytes'] as const satisfies readonly ReservedMetric[];

export interface ReservedRow {
  readonly class: OperationClass;
  readonly ms: number;
  readonly rows: number;
  readonly bytes: number;
}

/** A quota with what is used and reserved of it, in its own unit. */
export interface QuotaState {
  readonly quota: FlowQuotaInForce;
  readonly limit: number;
  readonly used: number;
  readonly reserved: number;
  readonly resetsAt: number;
}

export type ReservationOutcome =
  | { readonly caps?: JobCaps; readonly write: () => void }
  /** Running jobs hold what is left. */
  | { readonly waits: true }
  | { readonly refusal: ErrorData; readonly resetsAt: number };

export interface Quotas {
  /** Why a new request does not fit; `undefined` when it does. With `flows`, also when seconds, rows or bytes are used up. */
  refusal(client: number, limits: LimitsInForce, operation: OperationClass, flows: boolean): ErrorData | undefined;
  /** Why a client that keeps so much may not ask for more. */
  storedRefusal(limits: LimitsInForce): ErrorData | undefined;
  /** What a job of this payload may use, to be written when it starts. */
  reservation(
    job: { readonly seq: number; readonly client: number; readonly payload: string },
    limits: LimitsInForce,
    operation: OperationClass,
  ): ReservationOutcome;
  states(client: number, limits: LimitsInForce): readonly QuotaState[];
  kept(client: string): Kept;
}

export function prepareQuotas(engine: Engine): Quotas {
  const { db, windows } = engine;
  const counters = prepareUsageCounters(engine);
  const reservedOf = db.prepare<[number], ReservedRow>(
    `SELECT class, sum(ms) AS ms, sum(rows) AS rows, sum(bytes) AS bytes
     FROM reservations INDEXED BY reservations_of_client WHERE client = ? GROUP BY class`,
  );
  const saveReservation = db.prepare(
    'INSERT OR REPLACE INTO reservations (job, client, class, ms, rows, bytes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const kept = prepareKeptBytes(engine);

  function stateOf(
    quota: FlowQuotaInForce,
    used: ReadonlyMap<OperationClass, UsageWindows>,
    reserved: readonly ReservedRow[],
  ): QuotaState {
    const { count, unit } = FLOWS[quota.metric];
    const classes = classesOf(quota);
    const counts = sumOf(used, classes, quota.period);
    const held =
      count === 'requests' ? 0 : reserved.reduce((sum, row) => sum + (classes.includes(row.class) ? row[count] : 0), 0);
    return {
      quota,
      limit: quota.limit,
      used: counts[count] / unit,
      reserved: held / unit,
      resetsAt: counts.ends ?? windows.endOf(quota.period, engine.now()),
    };
  }

  function refusalOf({ quota, used, resetsAt }: QuotaState, limits: LimitsInForce): ErrorData {
    const { metric, period, limit } = quota;
    return quotaRefusal({
      client: limits.client,
      operation: quota.class,
      metric,
      period,
      limit,
      used,
      resetsAt,
      now: engine.now(),
    });
  }

  const concerns = (quota: FlowQuotaInForce, operation: OperationClass): boolean =>
    quota.class === 'all' || quota.class === operation;

  return {
    kept,
    refusal(client, limits, operation, flows) {
      const asked = limits.flows.filter(
        (quota) => concerns(quota, operation) && (flows || quota.metric === 'requests'),
      );
      if (asked.length === 0) return undefined;
      const used = counters.read(client);
      const broken = asked
        .map((quota) => stateOf(quota, used, []))
        .filter((state) => (state.quota.metric === 'requests' ? !mayRequest(state) : state.used >= state.limit));
      const longest = longestOf(broken);
      return longest && refusalOf(longest, limits);
    },
    storedRefusal(limits) {
      const { storedMb } = limits;
      if (storedMb === undefined) return undefined;
      const now = kept(limits.client);
      if (mbOf(now) < storedMb) return undefined;
      const { firstGoesAt } = now;
      return storedRefusal({
        client: limits.client,
        limitMb: storedMb,
        usedMb: mbOf(now),
        ...(firstGoesAt !== undefined && { retryAfterMs: Math.max(1, firstGoesAt - engine.now()) }),
      });
    },
    reservation(job, limits, operation) {
      const asked = limits.flows.filter((quota) => quota.metric !== 'requests' && concerns(quota, operation));
      if (asked.length === 0) return { write: () => undefined };
      const used = counters.read(job.client);
      const reserved = reservedOf.all(job.client);
      const states = asked.map((quota) => stateOf(quota, used, reserved));
      const most = mostOf(JSON.parse(job.payload) as Json);
      const granted: Partial<Record<ReservedMetric, number>> = {};
      for (const metric of RESERVED_METRICS) {
        const of = states.filter((state) => state.quota.metric === metric);
        if (of.length === 0) continue;
        const got = reserve(most[metric], of);
        if ('exhausted' in got) {
          const exhausted = longestOf(states.filter((state) => state.used >= state.limit)) ?? got.exhausted;
          return { refusal: refusalOf(exhausted, limits), resetsAt: exhausted.resetsAt };
        }
        if ('waits' in got) return { waits: true };
        granted[metric] = got.granted;
      }
      const { seconds, rows, bytes } = granted;
      const executionMs = seconds === undefined ? undefined : Math.max(1, Math.floor(seconds * 1_000));
      return {
        caps: {
          ...(executionMs !== undefined && { executionMs }),
          ...(rows !== undefined && { rows }),
          ...(bytes !== undefined && { bytes }),
        },
        write: () => {
          saveReservation.run(job.seq, job.client, operation, executionMs ?? 0, rows ?? 0, bytes ?? 0);
        },
      };
    },
    states(client, limits) {
      const used = counters.read(client);
      const reserved = reservedOf.all(client);
      return limits.flows.map((quota) => stateOf(quota, used, reserved));
    },
  };
}

/** What comes back last: coming earlier would only meet the next refusal. */
function longestOf(states: readonly QuotaState[]): QuotaState | undefined {
  return states.reduce<QuotaState | undefined>(
    (longest, state) => (longest === undefined || state.resetsAt > longest.resetsAt ? state : longest),
    undefined,
  );
}

/** The bounds that a payload sets for itself; without them a job may take all that is left. */
function mostOf(payload: Json): Readonly<Record<ReservedMetric, number>> {
  const bounds = (typeof payload === 'object' && payload !== null ? payload : {}) as Readonly<Record<string, unknown>>;
  const bound = (name: string): number => {
    const value = bounds[name];
    return typeof value === 'number' && value > 0 ? value : Number.POSITIVE_INFINITY;
  };
  return { seconds: bound('timeoutMs') / 1_000, rows: bound('maxRows'), bytes: bound('maxBytes') };
}
