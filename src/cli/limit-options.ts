import { SnowError } from '../errors/snow-error.js';
import type {
  LimitScope,
  OperationClass,
  QuotaLimit,
  QuotaMetric,
  QuotaPeriod,
  RateLimit,
} from '../store/usage-store.js';

/** Options by which a limit is named. What they say is checked by the store; here they only have to be complete. */
export interface LimitOptions {
  readonly client?: string;
  readonly group?: string;
  readonly default?: boolean;
  readonly global?: boolean;
  readonly class?: string;
  readonly metric?: string;
  readonly period?: string;
}

function wrong(message: string, hint: string): never {
  throw new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
}

/** Whom the limit is for. Throws `INVALID_ARGUMENT` unless exactly one is named. */
export function scopeOf(options: LimitOptions): LimitScope {
  const scopes: LimitScope[] = [];
  if (options.client !== undefined) scopes.push({ client: options.client });
  if (options.group !== undefined) scopes.push({ group: options.group });
  if (options.default === true) scopes.push('default');
  if (options.global === true) scopes.push('global');
  const [scope] = scopes;
  if (scope === undefined || scopes.length > 1)
    wrong(
      'A limit is for one of: a client, a group, everybody by default, all together.',
      'Give --client NAME, --group NAME, --default or --global.',
    );
  return scope;
}

/** The class of a rate: it has to be said, for a rate of all classes there is none. */
export function rateClassOf(options: LimitOptions): OperationClass {
  if (options.class === undefined) wrong('A rate is of one class.', 'Give --class query, metadata, memory or sync.');
  return options.class as OperationClass;
}

/** What the quota counts; its class is `all` where none is named. */
export function quotaOf(options: LimitOptions): Omit<QuotaLimit, 'limit'> {
  const { metric } = options;
  if (metric === undefined)
    wrong('It is not said what is to be limited.', 'Give --metric, --period and --limit, or --rate.');
  const level = metric === 'running' || metric === 'stored_mb';
  const period = options.period ?? (level ? 'now' : undefined);
  if (period === undefined) wrong(`A quota of ${metric} needs a period.`, 'Give --period hour or --period day.');
  return {
    class: (options.class ?? 'all') as QuotaLimit['class'],
    metric: metric as QuotaMetric,
    period: period as QuotaPeriod,
  };
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
};

/** `60/min`, `5/h`, `10/15s`; the burst is as many as the rate where none is given. Throws `INVALID_ARGUMENT` for what is no rate. */
export function rateOf(text: string, burst: number | undefined): RateLimit {
  const [, count, times, unit] = /^\s*(\d+)\s*\/\s*(\d*)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit.toLowerCase()];
  if (count === undefined || unitMs === undefined)
    return wrong(`"${text}" is no rate.`, 'A rate is a number, a slash and a time: 60/min, 5/h, 10/15s.');
  const perMs = unitMs * (times === undefined || times === '' ? 1 : Number(times));
  return { count: Number(count), perMs, burst: burst ?? Number(count) };
}
