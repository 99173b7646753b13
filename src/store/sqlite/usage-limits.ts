import { BUILT_IN_RATES } from '../../limits/built-in.js';
import { scopeParts } from '../limit-settings.js';
import {
  type LimitScope,
  type LimitSetting,
  OPERATION_CLASSES,
  type OperationClass,
  type QuotaLimit,
  type QuotaMetric,
  type QuotaPeriod,
  type RateLimit,
} from '../usage-store.js';
import type { Engine } from './engine.js';

type From = 'client' | 'group' | 'default';

export type RateInForce = RateLimit & { readonly from: From | 'built-in' };
export type QuotaInForce = QuotaLimit & { readonly from: From };
/** A quota of what flows: requests, seconds, rows, bytes. */
export type FlowQuotaInForce = QuotaInForce & {
  readonly metric: Exclude<QuotaMetric, 'running' | 'stored_mb'>;
  readonly period: 'hour' | 'day';
};

/** Everything that limits one client, the narrowest setting of each limit. */
export interface LimitsInForce {
  readonly client: string;
  /** Its limits make its jobs wait instead of refusing them. */
  readonly smooth: boolean;
  readonly rates: Partial<Record<OperationClass, RateInForce>>;
  readonly quotas: readonly QuotaInForce[];
  /** Of `quotas`: those by the hour and the day. */
  readonly flows: readonly FlowQuotaInForce[];
  /** Jobs that may run. */
  readonly running: number | undefined;
  readonly storedMb: number | undefined;
}

export interface LimitBook {
  /** To be called first in every transaction that asks: forgets what another process has changed. */
  refresh(): void;
  of(client: number): LimitsInForce;
  /** Of a client that the store has never seen: it has no group. */
  ofStranger(client: string): LimitsInForce;
  /** The rate of all clients together. */
  global(operation: OperationClass): RateLimit | undefined;
}

interface ClientRow {
  readonly name: string;
  readonly client_group: string | null;
  readonly smooth: number;
}

interface RateRow {
  readonly scope: From | 'global';
  readonly name: string;
  readonly class: OperationClass;
  readonly count: number;
  readonly per_ms: number;
  readonly burst: number;
}

interface QuotaRow {
  readonly scope: From;
  readonly name: string;
  readonly class: OperationClass | 'all';
  readonly metric: QuotaMetric;
  readonly period: QuotaPeriod;
  readonly amount: number;
}

const MOST_REMEMBERED = 10_000;

const rateOf = (row: RateRow): RateLimit => ({ count: row.count, perMs: row.per_ms, burst: row.burst });
const quotaOf = (row: QuotaRow): QuotaLimit => ({
  class: row.class,
  metric: row.metric,
  period: row.period,
  limit: row.amount,
});

/** Read along with a client: narrower scopes come first. */
const SCOPES_OF_CLIENT = `((scope = 'client' AND name = @client) OR (scope = 'group' AND name = @group) OR (scope = 'default' AND name = ''))
  ORDER BY CASE scope WHEN 'client' THEN 0 WHEN 'group' THEN 1 ELSE 2 END`;

/** Limits as they are in force, remembered until something changes: an admission then reads one number. */
export function prepareLimitBook({ db }: Engine): LimitBook {
  const version = db.prepare<[], number>('SELECT limits_version FROM queue').pluck();
  const findClient = db.prepare<[number], ClientRow>('SELECT name, client_group, smooth FROM clients WHERE id = ?');
  const ratesOf = db.prepare<{ client: string; group: string | null }, RateRow>(
    `SELECT * FROM rate_limits WHERE ${SCOPES_OF_CLIENT}`,
  );
  const quotasOf = db.prepare<{ client: string; group: string | null }, QuotaRow>(
    `SELECT * FROM quota_limits WHERE ${SCOPES_OF_CLIENT}`,
  );
  const globalRates = db.prepare<[], RateRow>("SELECT * FROM rate_limits WHERE scope = 'global'");
  const known = new Map<number, LimitsInForce>();
  let global: ReadonlyMap<OperationClass, RateLimit> = new Map();
  let knownVersion: number | undefined;

  function read({ name: client, client_group: group, smooth }: ClientRow): LimitsInForce {
    const rates: Partial<Record<OperationClass, RateInForce>> = {};
    for (const row of ratesOf.all({ client, group })) rates[row.class] ??= { ...rateOf(row), from: row.scope as From };
    return inForce(client, smooth === 1, rates, quotasOf.all({ client, group }));
  }

  return {
    refresh() {
      const current = version.get();
      if (current === knownVersion) return;
      known.clear();
      global = new Map(globalRates.all().map((row) => [row.class, rateOf(row)]));
      knownVersion = current;
    },
    of(id) {
      const remembered = known.get(id);
      if (remembered !== undefined) return remembered;
      if (known.size >= MOST_REMEMBERED) known.clear();
      const row = findClient.get(id);
      if (row === undefined) throw new Error(`there is no client ${id}`);
      const limits = read(row);
      known.set(id, limits);
      return limits;
    },
    ofStranger: (name) => read({ name, client_group: null, smooth: 0 }),
    global: (operation) => global.get(operation),
  };
}

/** `rows`: the narrowest first. */
function inForce(
  client: string,
  smooth: boolean,
  rates: Partial<Record<OperationClass, RateInForce>>,
  rows: readonly QuotaRow[],
): LimitsInForce {
  for (const [operation, rate] of Object.entries(BUILT_IN_RATES))
    rates[operation as OperationClass] ??= { ...rate, from: 'built-in' };
  const quotas = new Map<string, QuotaInForce>();
  for (const row of rows) {
    const key = `${row.class} ${row.metric} ${row.period}`;
    if (!quotas.has(key)) quotas.set(key, { ...quotaOf(row), from: row.scope });
  }
  const all = [...quotas.values()];
  return {
    client,
    smooth,
    rates,
    quotas: all,
    flows: all.filter((quota): quota is FlowQuotaInForce => quota.period !== 'now'),
    running: all.find(({ metric }) => metric === 'running')?.limit,
    storedMb: all.find(({ metric }) => metric === 'stored_mb')?.limit,
  };
}

export interface LimitSettingOperations {
  setRate(scope: LimitScope, operation: OperationClass, rate: RateLimit | null): void;
  setQuota(scope: LimitScope, quota: Omit<QuotaLimit, 'limit'> & { readonly limit: number | null }): void;
  list(): readonly LimitSetting[];
}

/** Sets limits; whoever waits for one is looked at again. */
export function prepareLimitSettings(engine: Engine): LimitSettingOperations {
  const { db } = engine;
  const saveRate = db.prepare(
    `INSERT INTO rate_limits (scope, name, class, count, per_ms, burst) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = excluded.count, per_ms = excluded.per_ms, burst = excluded.burst`,
  );
  const dropRate = db.prepare('DELETE FROM rate_limits WHERE scope = ? AND name = ? AND class = ?');
  const saveQuota = db.prepare(
    `INSERT INTO quota_limits (scope, name, class, metric, period, amount) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET amount = excluded.amount`,
  );
  const dropQuota = db.prepare(
    'DELETE FROM quota_limits WHERE scope = ? AND name = ? AND class = ? AND metric = ? AND period = ?',
  );
  const rates = db.prepare<[], RateRow>('SELECT * FROM rate_limits ORDER BY scope, name, class');
  const quotas = db.prepare<[], QuotaRow>('SELECT * FROM quota_limits ORDER BY scope, name, class, metric, period');
  const unpark = prepareUnpark(engine);
  return {
    setRate(limitScope, operation, rate) {
      const { scope, name } = scopeParts(limitScope);
      if (rate === null) dropRate.run(scope, name, operation);
      else saveRate.run(scope, name, operation, rate.count, rate.perMs, rate.burst);
      unpark();
    },
    setQuota(limitScope, quota) {
      const { scope, name } = scopeParts(limitScope);
      const { metric, period, limit } = quota;
      if (limit === null) dropQuota.run(scope, name, quota.class, metric, period);
      else saveQuota.run(scope, name, quota.class, metric, period, limit);
      unpark();
    },
    list: () => [
      ...rates.all().map((row) => ({ scope: scopeOf(row), class: row.class, rate: rateOf(row) })),
      ...quotas.all().map((row) => ({ scope: scopeOf(row), quota: quotaOf(row) })),
    ],
  };
}

/** Wakes every parked client with the next sweep: those that still have to wait are parked again at their next claim. */
export function prepareUnpark({ db, now }: Engine): () => void {
  const unpark = db.prepare(
    'UPDATE client_lanes INDEXED BY client_lanes_waking SET wake_at = @now WHERE wake_at IS NOT NULL AND wake_at > @now',
  );
  return () => void unpark.run({ now: now() });
}

function scopeOf({ scope, name }: RateRow | QuotaRow): LimitScope {
  if (scope === 'client') return { client: name };
  return scope === 'group' ? { group: name } : scope;
}

/** The classes that a quota counts. */
export function classesOf(quota: Pick<QuotaLimit, 'class'>): readonly OperationClass[] {
  return quota.class === 'all' ? OPERATION_CLASSES : [quota.class];
}
