import { setTimeout as delay } from 'node:timers/promises';
import type { JobRecord } from '../../store/job.js';
import type { Store } from '../../store/store.js';
import type { McpProcess } from '../demo/mcp-process.js';
import { duration } from '../table.js';
import type { Verification } from './metric.js';
import { call, type Outcome, onlyValue, waitStatement } from './question.js';

/** How much longer than a load the statements take beside which others are asked. */
const LONG_LOADS = 4 / 3;
const LONG_PER_SERVER = 2;
const TIMEOUT_S = 1;
const CONCURRENCY = 8;
const FILES = 2_000;
/** How much longer than its time-out a statement may be under way: cancelling it takes its time, too. */
const OVERRUN_MS = 2_000;
const ENDED_WITHIN_MS = 5_000;

const RUNNING_STATEMENTS = `select count(*) from table(information_schema.query_history(result_limit => 1000))
where execution_status = 'RUNNING' and query_text ilike 'select system$wait%'`;

/** Phase 1: one kind of operation does not block another, all end within their time-out, nothing is left behind. */
export const stabilised: Verification = async ({ store, servers: start, code }, say, loadMs) => {
  const longStatement = waitStatement(Math.ceil(loadMs * LONG_LOADS));
  const servers = await start(2, CONCURRENCY);
  const [server] = servers;
  if (server === undefined) throw new Error('no server was started');
  const folder = await code(FILES);
  say('other operations beside long statements and a sync');
  const longOnes = servers.flatMap((server) =>
    Array.from({ length: LONG_PER_SERVER }, () => call(server, 'long', 'query', { sql: longStatement })),
  );
  const sync = call(server, 'long', 'repo_sync', { path: folder, wait_s: 55 });
  await allRunOrWait(store, longOnes.length);
  let longRun = true;
  const long = Promise.all(longOnes).finally(() => {
    longRun = false;
  });
  const others = await Promise.all(
    servers.flatMap((server) =>
      otherOperations(server).map(async (operation) => {
        const { code, ms } = await operation;
        return { ms, code, inTime: longRun && code === undefined };
      }),
    ),
  );
  const inTime = others.filter((other) => other.inTime).length;
  const slowest = Math.max(...others.map(({ ms }) => ms));
  const longOutcomes = [...(await long), await sync];

  say('statements that exceed their time-out, and abandoned ones');
  const abandoned = new AbortController();
  const overlong = [
    ...servers.map((each) =>
      call(each, 'overlong', 'query', { sql: waitStatement(30_000), timeout_s: TIMEOUT_S, wait_s: 10 }),
    ),
    call(server, 'abandoner', 'query', { sql: waitStatement(30_000) }, abandoned.signal),
    call(server, 'abandoner', 'repo_sync', { path: folder, full: true }, abandoned.signal),
  ];
  await delay(500);
  abandoned.abort();
  await Promise.all(overlong);
  const left = await workLeft(store, server);
  const { jobs } = await store.list({ limit: 1_000 });
  const late = jobs.filter((job) => !endedInTime(job));
  const failed = longOutcomes.filter(({ code }) => code !== undefined).length;
  const stopped = jobs.filter(({ error }) => error?.code === 'STATEMENT_TIMEOUT').length;
  return [
    {
      metric: 'Other operations are answered while long statements run and code is synced',
      target: `${others.length} of ${others.length}`,
      measured: `${inTime} of ${others.length}, the slowest after ${duration(slowest)}`,
      pass: inTime === others.length,
    },
    {
      metric: 'All operations end within their time-out',
      target: 'all; those that would not are stopped',
      measured: `${jobs.length - late.length} of ${jobs.length}, ${stopped} of ${servers.length} stopped`,
      pass: late.length === 0 && failed === 0 && stopped === servers.length,
    },
    {
      metric: 'No orphaned work: running jobs, running statements',
      target: '0, 0',
      measured: `${left.jobs}, ${left.statements}`,
      pass: left.jobs === 0 && left.statements === 0,
    },
  ];
};

/** One of each kind that is not a long statement, all at once. */
function otherOperations(server: McpProcess): Promise<Outcome>[] {
  const table = { database: 'SNOWFLAKE_SAMPLE_DATA', schema: 'TPCH_SF1' };
  return [
    call(server, 'reader', 'list_databases', {}),
    call(server, 'reader', 'list_schemas', { database: table.database }),
    call(server, 'reader', 'list_tables', table),
    call(server, 'reader', 'describe_table', { ...table, table: 'ORDERS' }),
    call(server, 'reader', 'query', { sql: 'select 1' }),
    call(server, 'reader', 'memory_store', {
      text: 'Amounts of ORDERS are in cents.',
      links: ['SNOWFLAKE_SAMPLE_DATA'],
    }),
    call(server, 'reader', 'memory_search', { query: 'cents' }),
    call(server, 'reader', 'repo_list', {}),
    call(server, 'reader', 'get_session', {}),
    call(server, 'reader', 'server_status', {}),
  ];
}

async function allRunOrWait(store: Store, count: number): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    const { jobs } = await store.list({ limit: 100, states: ['running'] });
    if (jobs.length >= count) return;
    await delay(10);
  }
}

function endedInTime({ payload, startedAt, finishedAt }: JobRecord): boolean {
  if (startedAt === undefined) return finishedAt !== undefined;
  const { timeoutMs } = payload as { timeoutMs?: number };
  return finishedAt !== undefined && finishedAt - startedAt <= (timeoutMs ?? 300_000) + OVERRUN_MS;
}

/** What still runs when all callers have their answers, or have gone; cancelling may take a moment. */
async function workLeft(store: Store, server: McpProcess): Promise<{ jobs: number; statements: number }> {
  const until = performance.now() + ENDED_WITHIN_MS;
  for (;;) {
    const jobs = (await store.stats()).total_active;
    const statements = Number(
      onlyValue(await call(server, 'auditor', 'query', { sql: RUNNING_STATEMENTS })) ?? Number.NaN,
    );
    if ((jobs === 0 && statements === 0) || performance.now() > until) return { jobs, statements };
    await delay(50);
  }
}
