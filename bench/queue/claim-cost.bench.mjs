// What one claim costs when there are few clients and jobs, and when there are many: fair order must not be paid by the row.
// MCP_SNOW_BENCH=full goes up to 10,000 clients and 1,000,000 jobs (half a minute to fill); else 1,000 and 100,000.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CAPS } from '../../dist/fairness/caps.js';
import { quotaWindows } from '../../dist/limits/quota-window.js';
import { BREAKER_POLICY } from '../../dist/resilience/breaker.js';
import { DEGRADATION_POLICY } from '../../dist/resilience/degradation.js';
import { systemLeaseClock } from '../../dist/store/clock.js';
import { prepareAudit } from '../../dist/store/sqlite/audit.js';
import { prepareBreakers } from '../../dist/store/sqlite/breakers.js';
import { prepareClaim } from '../../dist/store/sqlite/claim.js';
import { openDatabase } from '../../dist/store/sqlite/connection.js';
import { prepareLaneGate } from '../../dist/store/sqlite/lane-gate.js';
import { prepareLimiter } from '../../dist/store/sqlite/limiter.js';
import { applyMigrations } from '../../dist/store/sqlite/migrator.js';
import { prepareSettle } from '../../dist/store/sqlite/settle.js';

const FULL = process.env.MCP_SNOW_BENCH === 'full';
const CLAIMS = 3_000;
const PER_TRANSACTION = 20;

/** Jobs of clients in turn, written past the store: admitting a million takes longer than is worth waiting for. */
function fill(db, clients, jobs) {
  db.exec('BEGIN IMMEDIATE');
  db.exec("INSERT INTO lanes (name) VALUES ('local:sql')");
  db.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO clients (id, name, created_at) SELECT i, 'client-' || i, 0 FROM n`,
  ).run(clients);
  db.exec('INSERT INTO client_lanes (id, client, lane) SELECT id, id, 1 FROM clients');
  db.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
     INSERT INTO jobs (id, client, client_lane, priority, state, kind, write, max_attempts, created_at, run_at, ready_at,
       estimate_s, attached, queue_timeout_ms, result_ttl_ms)
     SELECT printf('%016x', i), 1 + i % ?2, 1 + i % ?2, 1, 'queued', 'query', 0, 3, 1, 1, 1, 1, 0, 300000, 3600000
     FROM n`.replaceAll('?2', String(clients)),
  ).run(jobs);
  db.exec(
    "INSERT INTO job_work (job, payload, context, flags) SELECT seq, '{\"sql\":\"select 1\"}', '{}', '{}' FROM jobs",
  );
  db.exec('COMMIT');
  db.pragma('wal_checkpoint(TRUNCATE)');
}

async function costOf(clients, jobs) {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const path = join(folder, 'store.db');
  const db = await openDatabase(path, 'NORMAL');
  try {
    await applyMigrations(db, path);
    fill(db, clients, jobs);
    const engine = {
      db,
      bounds: { ...DEFAULT_CAPS, maxRunning: 1_000, maxRunningPerClient: 1_000 },
      now: Date.now,
      lease: systemLeaseClock(),
      retentionMs: 1e9,
      auditRetentionMs: 1e9,
      windows: quotaWindows('UTC'),
      breaker: BREAKER_POLICY,
      degradation: DEGRADATION_POLICY,
    };
    const claim = prepareClaim(engine, prepareLimiter(engine), prepareLaneGate(engine));
    const settle = prepareSettle(engine, prepareBreakers(engine, prepareAudit(engine)));
    const claimUs = [];
    const settleUs = [];
    const settlement = {
      state: 'succeeded',
      result: { columns: [], rowCount: 0, pageCount: 0, truncated: false },
      usage: { executionMs: 1_000, rows: 0, bytes: 0 },
    };
    while (claimUs.length < Math.min(CLAIMS, jobs)) {
      db.exec('BEGIN IMMEDIATE');
      for (let n = 0; n < PER_TRANSACTION; n += 1) {
        const start = performance.now();
        const [claimed] = claim({ worker: 'w', lanes: ['local:sql'], slots: 1, leaseMs: 15_000 });
        const taken = performance.now();
        settle({ id: claimed.job.id, attempt: claimed.attempt, fence: claimed.fence }, settlement);
        claimUs.push((taken - start) * 1e3);
        settleUs.push((performance.now() - taken) * 1e3);
      }
      db.exec('COMMIT');
    }
    return { claim: median(claimUs), settle: median(settleUs) };
  } finally {
    db.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function median(values) {
  const sorted = values.slice(Math.floor(values.length / 5)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export async function run() {
  const few = await costOf(10, 1_000);
  const many = FULL ? await costOf(10_000, 1_000_000) : await costOf(1_000, 100_000);
  const size = FULL ? '10,000 clients, 1,000,000 jobs' : '1,000 clients, 100,000 jobs';
  return {
    name: 'claim cost',
    rows: [
      { figure: 'claim, 10 clients, 1,000 jobs', value: few.claim, unit: 'µs p50' },
      { figure: `claim, ${size}`, value: many.claim, unit: 'µs p50' },
      { figure: 'claim, many : few', value: many.claim / few.claim, unit: '×', note: 'aim: at most 1.6' },
      { figure: 'settle, 10 clients, 1,000 jobs', value: few.settle, unit: 'µs p50' },
      { figure: `settle, ${size}`, value: many.settle, unit: 'µs p50' },
    ],
  };
}
