import type { LimitScope, LimitSetting, RateLimit, UsageReport } from '../store/usage-store.js';

/** Rates as `--json` prints them: times in ms. */
export interface RateJson {
  readonly count: number;
  readonly per_ms: number;
  readonly burst: number;
}

export interface UsageJson {
  readonly client: string;
  readonly rates: readonly (RateJson & Pick<UsageReport['rates'][number], 'class' | 'available' | 'from'>)[];
  readonly quotas: readonly (Omit<UsageReport['quotas'][number], 'resetsAt'> & {
    /** Ms since the epoch. */
    readonly resets_at?: number;
  })[];
  /** Bytes that count towards its quota of stored MB. */
  readonly kept: UsageReport['kept'];
  readonly used: UsageReport['used'];
}

function rateJson({ count, perMs, burst }: RateLimit): RateJson {
  return { count, per_ms: perMs, burst };
}

export function usageJson({ client, rates, quotas, kept, used }: UsageReport): UsageJson {
  return {
    client,
    rates: rates.map((rate) => ({ class: rate.class, ...rateJson(rate), available: rate.available, from: rate.from })),
    quotas: quotas.map(({ resetsAt, ...quota }) => ({
      ...quota,
      ...(resetsAt !== undefined && { resets_at: resetsAt }),
    })),
    kept,
    used,
  };
}

/** `{"client": "ada"}`, `{"group": "analysts"}`, `"default"`, `"global"`, and what is set for it. */
export function settingJson(setting: LimitSetting): object {
  return 'rate' in setting
    ? { scope: setting.scope, class: setting.class, rate: rateJson(setting.rate) }
    : { scope: setting.scope, ...setting.quota };
}

/** `client ada`, `group analysts`, `default`, `global`. */
export function scopeText(scope: LimitScope): string {
  if (typeof scope === 'string') return scope;
  return 'client' in scope ? `client ${scope.client}` : `group ${scope.group}`;
}
