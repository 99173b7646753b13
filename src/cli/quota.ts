import { SnowError } from '../errors/snow-error.js';
import type { Store } from '../store/store.js';
import type { LimitSetting, UsageReport } from '../store/usage-store.js';
import type { GlobalOptions } from './global-options.js';
import { type LimitOptions, quotaOf, rateClassOf, rateOf, scopeOf } from './limit-options.js';
import { terminal } from './terminal.js';
import { scopeText, settingJson, usageJson } from './usage-json.js';
import { limitsTable, settingsTable, usageTable } from './usage-table.js';
import { withStore } from './with-store.js';

function talk(options: GlobalOptions) {
  return terminal({ json: options.json ?? false, color: options.color });
}

/** Of every client that has asked for anything, in the order of their names. */
export async function usageOfAll(store: Store): Promise<readonly UsageReport[]> {
  const { clients } = await store.stats();
  return await store.usageOf(Object.keys(clients).sort());
}

export async function showQuotas(options: GlobalOptions & { readonly client?: string }): Promise<void> {
  const { client } = options;
  if (client !== undefined) {
    const report = await withStore(options, (store) => store.usage(client));
    await talk(options).result(usageJson(report), () =>
      [limitsTable(report, Date.now()), usageTable([report]) ?? 'Nothing used in the current hour and day.'].join(
        '\n\n',
      ),
    );
    return;
  }
  const { settings, reports } = await withStore(options, async (store) => ({
    settings: await store.limitSettings(),
    reports: await usageOfAll(store),
  }));
  await talk(options).result({ limits: settings.map(settingJson), usage: reports.map(usageJson) }, () =>
    [
      settings.length === 0
        ? 'No limit is set; built in are memory 100 a minute and sync 5 an hour.'
        : settingsTable(settings),
      usageTable(reports) ?? 'Nothing used in the current hour and day.',
    ].join('\n\n'),
  );
}

interface SetOptions extends GlobalOptions, LimitOptions {
  readonly limit?: number;
  readonly rate?: string;
  readonly burst?: number;
}

/** What the options name. Throws `INVALID_ARGUMENT` where they name nothing, or a rate and a quota at once. */
function settingOf(options: SetOptions): LimitSetting {
  const scope = scopeOf(options);
  if (options.rate !== undefined) {
    if (options.metric !== undefined || options.limit !== undefined || options.period !== undefined)
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: 'A limit is a rate or a quota, not both.',
        hint: 'Give --rate (and --burst), or --metric, --period and --limit.',
      });
    return { scope, class: rateClassOf(options), rate: rateOf(options.rate, options.burst) };
  }
  const quota = quotaOf(options);
  if (options.limit === undefined || options.burst !== undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: options.burst === undefined ? 'A quota needs a limit.' : 'A burst belongs to a rate.',
      hint: 'Give --metric, --period and --limit, or --rate and --burst.',
    });
  return { scope, quota: { ...quota, limit: options.limit } };
}

/** Quotas of all clients together are none: each client has its own. */
function quotaScope(scope: LimitSetting['scope']): Exclude<LimitSetting['scope'], 'global'> {
  if (scope !== 'global') return scope;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'Only rates can be set for all clients together.',
    hint: 'Use --default to give every client this quota.',
  });
}

export async function setQuota(options: SetOptions): Promise<void> {
  const setting = settingOf(options);
  await withStore(options, async (store) => {
    if ('rate' in setting) await store.setRate(setting.scope, setting.class, setting.rate);
    else await store.setQuota(quotaScope(setting.scope), setting.quota);
  });
  await talk(options).result(settingJson(setting), () => settingsTable([setting]));
}

interface UnsetOptions extends GlobalOptions, LimitOptions {
  readonly rate?: boolean;
}

export async function unsetQuota(options: UnsetOptions): Promise<void> {
  const scope = scopeOf(options);
  const unset = await withStore(options, async (store) => {
    const named = options.rate === true ? undefined : { quota: quotaOf(options), scope: quotaScope(scope) };
    const before = (await store.limitSettings()).find((setting) =>
      named === undefined
        ? 'rate' in setting && sameScope(setting, scope) && setting.class === rateClassOf(options)
        : 'quota' in setting &&
          sameScope(setting, scope) &&
          setting.quota.class === named.quota.class &&
          setting.quota.metric === named.quota.metric &&
          setting.quota.period === named.quota.period,
    );
    if (named === undefined) await store.setRate(scope, rateClassOf(options), null);
    else await store.setQuota(named.scope, { ...named.quota, limit: null });
    return before;
  });
  if (unset === undefined)
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `No such limit is set for ${scopeText(scope)}.`,
      hint: 'See what is set: mcp-snow quota show.',
    });
  await talk(options).result({ unset: settingJson(unset) }, () => 'No longer set.');
}

function sameScope(setting: LimitSetting, scope: LimitSetting['scope']): boolean {
  return scopeText(setting.scope) === scopeText(scope);
}

export async function resetQuotas(options: GlobalOptions & { readonly client?: string }): Promise<void> {
  const { client } = options;
  const done = await withStore(options, (store) => store.resetQuotas(client === undefined ? {} : { client }));
  await talk(options).result(done, () => {
    const closed = `${done.closed} ended ${done.closed === 1 ? 'window' : 'windows'} closed`;
    return client === undefined ? `${closed}.` : `${closed}, ${done.reset} of "${client}" begun anew.`;
  });
}
