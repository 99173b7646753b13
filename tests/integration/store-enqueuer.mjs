// Started by store-processes.test.ts: enqueues from a process of its own and tells how long its event loop was ever blocked.
import { newJobId } from '../../dist/store/job-id.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';
import { measureOwnLoopBlock } from '../setup/own-loop-block.mjs';

const { path, client, jobs, atOnce, tell } = JSON.parse(process.argv[2]);
const bounds = { maxQueued: 1_000_000, maxQueuedPerClient: 1_000_000 };
const store = await openSqliteStore({ path, bounds });
process.send('ready');
await new Promise((resolve) => process.once('message', resolve));

const longestBlockMs = measureOwnLoopBlock();
let sent = 0;
const failures = [];
async function enqueue() {
  while (sent < jobs) {
    const n = sent;
    sent += 1;
    try {
      const id = newJobId();
      const outcome = await store.admit({
        id,
        client,
        kind: 'query',
        lane: 'local:sql',
        priority: 'normal',
        payload: { sql: `select ${n}` },
        context: {},
        write: false,
        maxAttempts: 3,
        queueTimeoutMs: 300_000,
        flags: {},
        estimateS: 1,
        resultTtlMs: 3_600_000,
        idempotencyKey: `${client}-${n}`,
      });
      if (tell) process.send(id);
      if (!outcome.admitted) failures.push(outcome.refusal.message);
    } catch (failure) {
      failures.push(String(failure));
    }
  }
}
await Promise.all(Array.from({ length: atOnce }, enqueue));
await store.close();
process.send({ failures, longestBlockMs: longestBlockMs() });
process.disconnect();
