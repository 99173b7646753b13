import type { ErrorData } from '../../errors/snow-error.js';
import {
  type KeptBytes,
  OPERATION_CLASSES,
  type OperationClass,
  type QuotaUse,
  type UsageReport,
} from '../usage-store.js';
import type { Engine } from './engine.js';
import { mbOf } from './kept-bytes.js';
import type { Limiter } from './limiter.js';
import { prepareUsageCounters } from './usage-counters.js';
import { type LimitsInForce, prepareUnpark } from './usage-limits.js';

export interface UsageOperations {
  report(client: string): UsageReport;
  reset(client: string | undefined): { readonly closed: number; readonly reset: number };
  takeRequest(client: string, operation: OperationClass): ErrorData | undefined;
}

const PERIODS = ['hour', 'day'] as const;
const COUNTS = ['requests', 'ms', 'rows', 'bytes'] as const;

/** What clients may use and have used. */
export function prepareUsage(engine: Engine, limiter: Limiter): UsageOperations {
  const { db } = engine;
  const { book, rates, quotas } = limiter;
  const counters = prepareUsageCounters(engine);
  const findClient = db.prepare<[string], number>('SELECT id FROM clients WHERE name = ?').pluck();
  const addClient = db.prepare('INSERT INTO clients (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const runningOf = db
    .prepare<[number], number>('SELECT coalesce(sum(running), 0) FROM client_lanes WHERE client = ?')
    .pluck();
  const unpark = prepareUnpark(engine);
  const zeroed = (period: string) => COUNTS.map((count) => `${period}_${count} = 0`).join(', ');
  const anyOf = (period: string) => COUNTS.map((count) => `${period}_${count}`).join(' + ');
  const closeEnded = PERIODS.map((period) =>
    db.prepare<[number]>(
      `UPDATE usage SET ${period}_ends = 0, ${zeroed(period)} WHERE ${period}_ends <> 0 AND ${period}_ends <= ?`,
    ),
  );
  const openAnew = PERIODS.map((period) =>
    db.prepare<[number]>(
      `UPDATE usage SET ${zeroed(period)} WHERE client = ? AND ${period}_ends <> 0 AND ${anyOf(period)} > 0`,
    ),
  );
  const forgetClosed = db.prepare('DELETE FROM usage WHERE hour_ends = 0 AND day_ends = 0');

  function quotaUses(id: number | undefined, limits: LimitsInForce, kept: KeptBytes): readonly QuotaUse[] {
    const states = id === undefined ? undefined : quotas.states(id, limits);
    return limits.quotas.map((quota): QuotaUse => {
      if (quota.period !== 'now') {
        const state = states?.find((each) => each.quota === quota);
        const resetsAt = state?.resetsAt ?? engine.windows.endOf(quota.period, engine.now());
        return { ...quota, used: state?.used ?? 0, reserved: state?.reserved ?? 0, resetsAt };
      }
      if (quota.metric === 'stored_mb') return { ...quota, used: mbOf(kept), reserved: 0 };
      return { ...quota, used: id === undefined ? 0 : Number(runningOf.get(id)), reserved: 0 };
    });
  }

  return {
    report(client) {
      book.refresh();
      const id = findClient.get(client);
      const limits = id === undefined ? book.ofStranger(client) : book.of(id);
      const used = id === undefined ? undefined : counters.read(id);
      const { results, memories } = quotas.kept(client);
      const kept = { results, memories };
      return {
        client,
        kept,
        rates: OPERATION_CLASSES.flatMap((operation) => {
          const rate = limits.rates[operation];
          if (rate === undefined) return [];
          const available = id === undefined ? rate.burst : rates.available(id, operation, rate);
          return [{ ...rate, class: operation, available }];
        }),
        quotas: quotaUses(id, limits, kept),
        used: OPERATION_CLASSES.flatMap((operation) =>
          PERIODS.flatMap((period) => {
            const counts = used?.get(operation)?.[period];
            if (counts === undefined) return [];
            const { requests, ms, rows, bytes } = counts;
            return [{ class: operation, period, requests, seconds: ms / 1_000, rows, bytes }];
          }),
        ),
      };
    },
    reset(client) {
      const now = engine.now();
      const closed = closeEnded.reduce((sum, close) => sum + close.run(now).changes, 0);
      const id = client === undefined ? undefined : findClient.get(client);
      const reset = id === undefined ? 0 : openAnew.reduce((sum, open) => sum + open.run(id).changes, 0);
      forgetClosed.run();
      if (reset > 0) unpark();
      return { closed, reset };
    },
    takeRequest(client, operation) {
      addClient.run(client, engine.now());
      return limiter.takeRequest(findClient.get(client) as number, operation);
    },
  };
}
