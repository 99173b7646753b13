import { SnowError } from '../errors/snow-error.js';
import { LONGEST_REFILL_MS, MOST_TOKENS } from '../limits/token-bucket.js';
import { type LimitScope, OPERATION_CLASSES, QUOTA_METRICS, type QuotaLimit, type RateLimit } from './usage-store.js';

/** Largest limit of a quota; sums of use stay exact far beyond it. */
const LARGEST_QUOTA = 1e12;

function wrong(message: string, hint: string): never {
  throw new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** A scope as it is kept: its kind, and the name of the client or group. Throws `INVALID_ARGUMENT` for an empty name. */
export function scopeParts(scope: LimitScope): {
  readonly scope: 'client' | 'group' | 'default' | 'global';
  readonly name: string;
} {
  if (typeof scope === 'string') return { scope, name: '' };
  const [kind, name] = 'client' in scope ? (['client', scope.client] as const) : (['group', scope.group] as const);
  if (name.trim() === '') wrong(`A limit needs the name of a ${kind}.`, `Name the ${kind}.`);
  return { scope: kind, name };
}

/** Throws `INVALID_ARGUMENT` for what is no class of operations. */
export function checkClass(operation: string, alsoAll: boolean): void {
  const known: readonly string[] = alsoAll ? [...OPERATION_CLASSES, 'all'] : OPERATION_CLASSES;
  if (!known.includes(operation)) wrong(`There is no class "${operation}".`, `Classes are ${known.join(', ')}.`);
}

/** Throws `INVALID_ARGUMENT` for a rate that no bucket can keep. */
export function checkRate({ count, perMs, burst }: RateLimit): void {
  if (!isWhole(count, 1, MOST_TOKENS))
    wrong(`A rate cannot be ${count}.`, `It is a whole number from 1 to ${MOST_TOKENS.toLocaleString('en-US')}.`);
  if (!isWhole(perMs, 1_000, LONGEST_REFILL_MS))
    wrong(`A rate cannot be counted by ${perMs} ms.`, 'It is by at least a second and at most a day.');
  if (!isWhole(burst, 1, MOST_TOKENS))
    wrong(`A burst cannot be ${burst}.`, `It is a whole number from 1 to ${MOST_TOKENS.toLocaleString('en-US')}.`);
}

/** Throws `INVALID_ARGUMENT` for a quota whose metric, period, class and limit do not go together. */
export function checkQuota(quota: Omit<QuotaLimit, 'limit'> & { readonly limit: number | null }): void {
  const { metric, period, limit } = quota;
  checkClass(quota.class, true);
  if (!QUOTA_METRICS.includes(metric))
    wrong(`There is no metric "${String(metric)}".`, `Metrics are ${QUOTA_METRICS.join(', ')}.`);
  const isLevel = metric === 'running' || metric === 'stored_mb';
  if (isLevel && period !== 'now') wrong(`The metric ${metric} has no period.`, 'It limits what there is at any time.');
  if (isLevel && quota.class !== 'all')
    wrong(`The metric ${metric} is not counted by class.`, 'Set it for the class all.');
  if (!isLevel && period !== 'hour' && period !== 'day')
    wrong(`The metric ${metric} needs a period.`, 'Periods are hour and day.');
  if (limit === null) return;
  if (!Number.isFinite(limit) || limit < 0 || limit > LARGEST_QUOTA)
    wrong(`A quota cannot be ${limit}.`, 'It is a number from 0 up.');
  if (metric !== 'seconds' && metric !== 'stored_mb' && !Number.isInteger(limit))
    wrong(`A quota of ${metric} cannot be ${limit}.`, 'It is a whole number.');
  if (metric === 'running' && limit < 1)
    wrong('A client has to be able to run one job.', 'To let it run nothing, set its requests to 0.');
}
