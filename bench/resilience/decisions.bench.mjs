// What the decisions cost that every job meets on its way: breaker and mode at admission, the gate at claim, counting at settle,
// token buckets and quotas. Each alone, inside a transaction, on a store that is otherwise idle.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CAPS } from '../../dist/fairness/caps.js';
import { quotaWindows } from '../../dist/limits/quota-window.js';
import { BREAKER_POLICY } from '../../dist/resilience/breaker.js';
import { DEGRADATION_POLICY } from '../../dist/resilience/degradation.js';
import { systemLeaseClock } from '../../dist/store/clock.js';
import { prepareAdmissionGuard } from '../../dist/store/sqlite/admission-guard.js';
import { prepareAudit } from '../../dist/store/sqlite/audit.js';
import { prepareBreakers } from '../../dist/store/sqlite/breakers.js';
import { openDatabase } from '../../dist/store/sqlite/connection.js';
import { prepareLaneGate } from '../../dist/store/sqlite/lane-gate.js';
import { prepareLimiter } from '../../dist/store/sqlite/limiter.js';
import { applyMigrations } from '../../dist/store/sqlite/migrator.js';
import { prepareLimitSettings } from '../../dist/store/sqlite/usage-limits.js';

const TIMES = 20_000;
const PLENTY = 1_000_000_000;

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const path = join(folder, 'store.db');
  const db = await openDatabase(path, 'NORMAL');
  try {
    await applyMigrations(db, path);
    db.exec("INSERT INTO lanes (name) VALUES ('local:sql'); INSERT INTO clients (name, created_at) VALUES ('ada', 0)");
    const engine = {
      db,
      bounds: DEFAULT_CAPS,
      now: Date.now,
      lease: systemLeaseClock(),
      retentionMs: 1e9,
      auditRetentionMs: 1e9,
      windows: quotaWindows('UTC'),
      breaker: BREAKER_POLICY,
      degradation: DEGRADATION_POLICY,
    };
    const breakers = prepareBreakers(engine, prepareAudit(engine));
    const guard = prepareAdmissionGuard(engine, breakers);
    const gate = prepareLaneGate(engine);
    const limits = prepareLimitSettings(engine);
    const limiter = prepareLimiter(engine);
    const job = { lane: 'local:sql', priority: 'normal', startsLater: false };
    const admit = (on) => () => limiter.admit(1, 'query', { 'rate-limits': on.rates, quotas: on.quotas });

    const costUs = (decide) => {
      db.exec('BEGIN IMMEDIATE');
      for (let n = 0; n < TIMES / 10; n += 1) decide();
      const start = performance.now();
      for (let n = 0; n < TIMES; n += 1) decide();
      const us = ((performance.now() - start) / TIMES) * 1e3;
      db.exec('COMMIT');
      return us;
    };
    const rows = [];
    const measure = (figure, decide) => {
      const us = costUs(decide);
      rows.push({ figure, value: us, unit: 'µs', note: `${Math.round(1e6 / us).toLocaleString('en')} a second` });
    };

    measure('admission: breaker and mode, all well', () => guard(job));
    measure('claim: gate, all well', () => gate().isOpen('local:sql'));
    measure('settle: an attempt that got through', () => breakers.outcome({ profile: 'local', reached: true }, 5));
    measure('request counted, no limit set', admit({ rates: true, quotas: true }));
    limits.setRate({ client: 'ada' }, 'query', { count: PLENTY, perMs: 1_000, burst: PLENTY });
    measure('request counted, token bucket', admit({ rates: true, quotas: false }));
    limits.setQuota({ client: 'ada' }, { class: 'query', metric: 'requests', period: 'day', limit: PLENTY });
    measure('request counted, quota', admit({ rates: false, quotas: true }));
    measure('request counted, token bucket and quota', admit({ rates: true, quotas: true }));
    breakers.set('local', 'open', { by: 'bench' });
    measure('admission: refused by the breaker', () => guard(job));
    measure('claim: gate, breaker open', () => gate().isOpen('local:sql'));
    return { name: 'decisions on a job’s way', rows };
  } finally {
    db.close();
    await rm(folder, { recursive: true, force: true });
  }
}
