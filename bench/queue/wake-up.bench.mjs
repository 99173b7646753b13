// From the admission of a job in one process to its claim in another, when nothing else goes on.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newJobId } from '../../dist/store/job-id.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';

const JOBS = 300;
const LANE = 'local:sql';
const clock = () => Number(process.hrtime.bigint()) / 1e6;

/** The other process: claims whenever the store has changed, and tells when it had the job. */
async function claimer(path) {
  const store = await openSqliteStore({ path });
  const claim = async () => {
    const claimed = await store.claim({ worker: 'w', lanes: [LANE], slots: 1, leaseMs: 15_000 });
    for (const { job, attempt, fence } of claimed) {
      const claimedAt = clock();
      await store.settle(
        { id: job.id, attempt, fence },
        {
          state: 'succeeded',
          result: { columns: [], rowCount: 0, pageCount: 0, truncated: false },
          usage: { executionMs: 0, rows: 0, bytes: 0 },
        },
      );
      process.send({ claimedAt });
    }
  };
  store.onChange(claim);
  process.on('message', () => process.disconnect());
  process.send('ready');
  await once(process, 'disconnect');
  await store.close();
}

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const path = join(folder, 'queue.db');
  const store = await openSqliteStore({ path });
  const child = fork(fileURLToPath(import.meta.url), [path]);
  await once(child, 'message');
  const delays = [];
  for (let n = 0; n < JOBS; n += 1) {
    const settled = once(child, 'message');
    const askedAt = clock();
    await store.admit({
      id: newJobId(),
      client: 'ada',
      kind: 'query',
      lane: LANE,
      priority: 'normal',
      payload: { sql: 'select 1' },
      context: {},
      write: false,
      maxAttempts: 3,
      queueTimeoutMs: 300_000,
      flags: {},
      estimateS: 1,
      resultTtlMs: 3_600_000,
    });
    const [{ claimedAt }] = await settled;
    delays.push(claimedAt - askedAt);
  }
  child.send('stop');
  await once(child, 'exit');
  await store.close();
  await rm(folder, { recursive: true, force: true });
  delays.sort((a, b) => a - b);
  const at = (share) => delays[Math.floor(delays.length * share)];
  return {
    name: 'from admission in one process to the claim in another, both committed with synchronous=FULL',
    rows: [
      { figure: 'p50', value: at(0.5), unit: 'ms', note: 'aim: below 5' },
      { figure: 'p95', value: at(0.95), unit: 'ms' },
      { figure: 'longest', value: delays.at(-1), unit: 'ms' },
    ],
  };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) await claimer(process.argv[2]);
