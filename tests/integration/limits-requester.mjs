// Started by limits-processes.test.ts: many requesters of one client in a process of its own, all at once; with `works`, jobs
// that are claimed, use a random share of what they may, and are settled.
import { newJobId } from '../../dist/store/job-id.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';

const { path, client, requesters, requests, works } = JSON.parse(process.argv[2]);
const bounds = { maxQueued: 10_000, maxQueuedPerClient: 10_000, maxRunning: 1_000, maxRunningPerClient: 1_000 };
const store = await openSqliteStore({ path, bounds });
process.send('ready');
await new Promise((resolve) => process.once('message', resolve));

const codes = {};
let admitted = 0;
async function requester() {
  for (let n = 0; n < requests; n += 1) {
    const outcome = await store.admit({
      id: newJobId(),
      client,
      kind: 'query',
      lane: 'local:sql',
      priority: 'normal',
      payload: { sql: 'select 1', maxRows: 50 },
      context: {},
      write: false,
      maxAttempts: 3,
      queueTimeoutMs: 300_000,
      flags: {},
      estimateS: 1,
      resultTtlMs: 3_600_000,
    });
    if (outcome.admitted) admitted += 1;
    else codes[outcome.refusal.code] = (codes[outcome.refusal.code] ?? 0) + 1;
  }
}
await Promise.all(Array.from({ length: requesters }, requester));

let rows = 0;
let uncapped = 0;
if (works) {
  const stopped = Date.now() + 20_000;
  while (Date.now() < stopped) {
    const claimed = await store.claim({ worker: String(process.pid), lanes: ['local:sql'], slots: 3, leaseMs: 15_000 });
    for (const { job, attempt, fence, caps } of claimed) {
      if (caps?.rows === undefined) uncapped += 1;
      const used = Math.floor(Math.random() * ((caps?.rows ?? 0) + 1));
      rows += used;
      await store.settle(
        { id: job.id, attempt, fence },
        {
          state: 'succeeded',
          result: { columns: [], rowCount: used, pageCount: 0, truncated: false },
          usage: { executionMs: 1, rows: used, bytes: 0 },
        },
      );
    }
    const stats = await store.stats();
    if (claimed.length === 0 && stats.total_queued === 0) break;
  }
}
await store.close();
process.send({ admitted, codes, rows, uncapped });
process.disconnect();
