import { checkClass, checkQuota, checkRate, scopeParts } from '../../limit-settings.js';
import type { UsageStore } from '../../usage-store.js';
import type { Engine } from '../engine.js';
import type { Limiter } from '../limiter.js';
import { prepareUsage } from '../usage.js';
import { prepareLimitSettings } from '../usage-limits.js';
import type { Turns } from './turns.js';

/** Rates, quotas, and what was used of them. */
export function usageRole(engine: Engine, { commit, read }: Turns, limiter: Limiter): UsageStore {
  const { db } = engine;
  const limitSettings = prepareLimitSettings(engine);
  const usage = prepareUsage(engine, limiter);

  return {
    setRate: async (scope, operation, rate) => {
      scopeParts(scope);
      checkClass(operation, false);
      if (rate !== null) checkRate(rate);
      await commit.run(() => limitSettings.setRate(scope, operation, rate));
    },
    setQuota: async (scope, quota) => {
      scopeParts(scope);
      checkQuota(quota);
      await commit.run(() => limitSettings.setQuota(scope, quota));
    },
    limitSettings: () => read(limitSettings.list),
    usage: (client) => read(() => usage.report(client)),
    usageOf: (clients) => read(() => db.transaction(() => clients.map(usage.report))()),
    resetQuotas: (options) => commit.run(() => usage.reset(options?.client)),
    takeRequest: async (client, operation) => {
      checkClass(operation, false);
      const refusal = await commit.run(() => usage.takeRequest(client, operation));
      return refusal === undefined ? { taken: true } : { taken: false, refusal };
    },
  };
}
