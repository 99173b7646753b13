import { shownNumber, shownRate } from '../limits/refusals.js';
import type { LimitSetting, QuotaUse, UsageReport } from '../store/usage-store.js';
import { duration, table } from './table.js';
import { scopeText } from './usage-json.js';

const RIGHT = { align: 'right' } as const;

const MIB = 1024 * 1024;

/** `requests by the hour`, `running`. */
function metricText({ metric, period }: Pick<QuotaUse, 'metric' | 'period'>): string {
  return period === 'now' ? metric : `${metric} by the ${period}`;
}

/** What is set, and for whom. */
export function settingsTable(settings: readonly LimitSetting[]): string {
  return table(
    [{ title: 'FOR' }, { title: 'CLASS' }, { title: 'LIMIT' }, { title: 'OF', ...RIGHT }],
    settings.map((setting) =>
      'rate' in setting
        ? [
            scopeText(setting.scope),
            setting.class,
            `rate, ${shownNumber(setting.rate.burst)} at once`,
            shownRate(setting.rate),
          ]
        : [scopeText(setting.scope), setting.quota.class, metricText(setting.quota), shownNumber(setting.quota.limit)],
    ),
  );
}

/** Everything that limits one client, and what is left of it. */
export function limitsTable(report: UsageReport, now: number): string {
  return table(
    [
      { title: 'CLASS' },
      { title: 'LIMIT' },
      { title: 'OF', ...RIGHT },
      { title: 'USED', ...RIGHT },
      { title: 'RESERVED', ...RIGHT },
      { title: 'LEFT', ...RIGHT },
      { title: 'RESETS' },
      { title: 'SET FOR' },
    ],
    [
      ...report.rates.map((rate) => [
        rate.class,
        `rate, ${shownNumber(rate.burst)} at once`,
        shownRate(rate),
        '',
        '',
        shownNumber(rate.available),
        'evenly',
        rate.from,
      ]),
      ...report.quotas.map((quota) => [
        quota.class,
        metricText(quota),
        shownNumber(quota.limit),
        shownNumber(quota.used),
        shownNumber(quota.reserved),
        shownNumber(Math.max(0, quota.limit - quota.used - quota.reserved)),
        quota.resetsAt === undefined ? '' : `in ${duration(Math.max(0, quota.resetsAt - now))}`,
        quota.from,
      ]),
    ],
  );
}

/** What clients have used in their current hour and day: `this hour / today`. */
export function usageTable(reports: readonly UsageReport[]): string | undefined {
  const rows = reports.flatMap(({ client, used }) =>
    [...new Set(used.map((each) => each.class))].map((operation) => {
      const of = (metric: 'requests' | 'seconds' | 'rows' | 'bytes') =>
        (['hour', 'day'] as const)
          .map((period) => used.find((each) => each.class === operation && each.period === period)?.[metric] ?? 0)
          .map(shownNumber)
          .join(' / ');
      return [client, operation, of('requests'), of('seconds'), of('rows'), of('bytes')];
    }),
  );
  if (rows.length === 0) return undefined;
  return table(
    [
      { title: 'USED BY' },
      { title: 'CLASS' },
      ...['REQUESTS H / D', 'SECONDS H / D', 'ROWS H / D', 'BYTES H / D'].map((title) => ({ title, ...RIGHT })),
    ],
    rows,
  );
}

/** What is kept for clients, in MiB. */
export function keptTable(reports: readonly UsageReport[]): string | undefined {
  const mb = (bytes: number): string => (bytes / MIB).toLocaleString('en-US', { maximumFractionDigits: 3 });
  const rows = reports.flatMap(({ client, kept }) =>
    Object.values(kept).some((bytes) => bytes > 0) ? [[client, mb(kept.results), mb(kept.memories)]] : [],
  );
  if (rows.length === 0) return undefined;
  return table([{ title: 'KEPT FOR' }, { title: 'RESULTS MB', ...RIGHT }, { title: 'MEMORIES MB', ...RIGHT }], rows);
}

/** Quotas that are set, and how far clients have used them up. */
export function quotasTable(reports: readonly UsageReport[], now: number): string | undefined {
  const rows = reports.flatMap(({ client, quotas }) =>
    quotas.map((quota) => [
      client,
      quota.class,
      metricText(quota),
      shownNumber(quota.used + quota.reserved),
      shownNumber(quota.limit),
      quota.resetsAt === undefined ? '' : `in ${duration(Math.max(0, quota.resetsAt - now))}`,
    ]),
  );
  if (rows.length === 0) return undefined;
  return table(
    [
      { title: 'QUOTA OF' },
      { title: 'CLASS' },
      { title: 'LIMIT' },
      { title: 'USED', ...RIGHT },
      { title: 'OF', ...RIGHT },
      { title: 'RESETS' },
    ],
    rows,
  );
}
