import { setTimeout as delay } from 'node:timers/promises';
import { FINAL_STATES, type JobState } from '../../store/job.js';
import type { Store } from '../../store/store.js';
import { percentile } from '../demo/fairness-figure.js';
import type { McpProcess } from '../demo/mcp-process.js';
import { duration } from '../table.js';
import type { Metric, Verification } from './metric.js';
import { call, type Outcome, waitStatement } from './question.js';
import type { Relay } from './relay.js';
import type { Relayed } from './site.js';

const SERVERS = 2;
const CONCURRENCY = 8;
/** Calls under way at once: well below what the workers can run, so that nobody waits for anybody. */
const AT_ONCE = 8;
const CLIENTS = 1_000;
const STATEMENT_MS = 20;
const OVERHEAD_P95_MS = 50;

const WATCHED = 24;
const WATCHED_MS = 600;

const FAULT_SHARE = 0.01;
const LEAST_ANSWERED = 0.999;

const OPENS_WITHIN_MS = 5_000;
const REFUSED_P95_MS = 10;
const BACK_WITHIN_MS = 2_000;
/** Longer than any of it should take: then it has failed. */
const PATIENCE_MS = 10_000;

/** Phase 4: little overhead, jobs that can be followed, and a connection that may fail without work being lost. */
export const resilient: Verification = async (site, say, loadMs) => {
  const relayed = await site.relayed();
  const servers = await site.servers(SERVERS, CONCURRENCY, { connection: relayed.connection, warm: false });
  await closedLoop(servers, 500);
  say(`${CLIENTS} clients`);
  const overhead = overheadMetric(await closedLoop(servers, loadMs));
  say('jobs that are watched');
  const watched = await watchedJobs(servers);
  say(`a line that loses ${FAULT_SHARE * 100}% of what is sent`);
  relayed.relay.disturb(FAULT_SHARE);
  const disturbed = answeredMetric(await closedLoop(servers, loadMs));
  relayed.relay.disturb(0);
  say('an outage');
  return [overhead, watched, disturbed, ...(await outage(site.store, servers, relayed, loadMs))];
};

/** Some ask, one statement after the other, each time in the name of another client, until the time is up. */
async function closedLoop(servers: readonly McpProcess[], forMs: number): Promise<readonly Outcome[]> {
  const loop = startLoop(servers, AT_ONCE, 'client');
  await delay(forMs);
  return await loop.stop();
}

interface Loop {
  readonly outcomes: readonly Outcome[];
  stop(): Promise<readonly Outcome[]>;
}

function startLoop(servers: readonly McpProcess[], askers: number, name: string): Loop {
  const outcomes: Outcome[] = [];
  let asked = 0;
  let stopped = false;
  const ask = async (server: McpProcess): Promise<void> => {
    while (!stopped) {
      asked += 1;
      const client = `${name}-${asked % CLIENTS}`;
      outcomes.push(await call(server, client, 'query', { sql: waitStatement(STATEMENT_MS) }));
      if (outcomes.at(-1)?.code !== undefined) await delay(STATEMENT_MS);
    }
  };
  const all = Promise.all(
    Array.from({ length: askers }, (_, at) => {
      const server = servers[at % servers.length];
      if (server === undefined) throw new Error('no server was started');
      return ask(server);
    }),
  );
  return {
    outcomes,
    stop: async () => {
      stopped = true;
      await all;
      return outcomes;
    },
  };
}

function overheadMetric(outcomes: readonly Outcome[]): Metric {
  const answered = outcomes.filter(({ code }) => code === undefined);
  const p95 = percentile(
    answered.map(({ ms }) => ms - STATEMENT_MS),
    0.95,
  );
  return {
    metric: `Overhead of the calls of ${CLIENTS} clients, ${AT_ONCE} at once, p95`,
    target: `below ${duration(OVERHEAD_P95_MS)}, all answered`,
    measured: `${answered.length === 0 ? '-' : duration(p95)}, ${answered.length} of ${outcomes.length} answered`,
    pass: answered.length === outcomes.length && p95 < OVERHEAD_P95_MS,
  };
}

function answeredMetric(outcomes: readonly Outcome[]): Metric {
  const answered = outcomes.filter(({ code }) => code === undefined).length;
  return {
    metric: `Calls answered while ${FAULT_SHARE * 100}% of what is sent loses its connection`,
    target: `at least ${LEAST_ANSWERED * 100}%`,
    measured: `${answered} of ${outcomes.length}`,
    pass: outcomes.length > 0 && answered >= LEAST_ANSWERED * outcomes.length,
  };
}

/** Jobs that nobody waits for, more than can run at once, followed by those who started them. */
async function watchedJobs(servers: readonly McpProcess[]): Promise<Metric> {
  let queued = 0;
  let running = 0;
  let succeeded = 0;
  await Promise.all(
    Array.from({ length: WATCHED }, async (_, at) => {
      const server = servers[at % servers.length] as McpProcess;
      const client = `watcher-${at}`;
      const { code, content } = await call(server, client, 'start_query', { sql: waitStatement(WATCHED_MS) });
      if (code !== undefined) return;
      const seen = new Set<JobState>();
      let state: JobState = 'queued';
      const until = performance.now() + PATIENCE_MS;
      while (!FINAL_STATES.has(state) && performance.now() < until) {
        const { content: status } = await call(server, client, 'job_status', { job_id: content.job_id });
        state = status.state as JobState;
        if (state !== 'queued' || typeof status.position === 'number') seen.add(state);
        if (!FINAL_STATES.has(state)) await delay(50);
      }
      if (seen.has('queued')) queued += 1;
      if (seen.has('running')) running += 1;
      if (seen.has('succeeded')) succeeded += 1;
    }),
  );
  return {
    metric: `${WATCHED} jobs in the background, watched: seen waiting with their place, running, ended well`,
    target: `some, ${WATCHED}, ${WATCHED}`,
    measured: `${queued}, ${running}, ${succeeded}`,
    pass: queued > 0 && running === WATCHED && succeeded === WATCHED,
  };
}

async function outage(
  store: Store,
  servers: readonly McpProcess[],
  { relay, connection }: Relayed,
  loadMs: number,
): Promise<readonly Metric[]> {
  const stateOf = async () => (await store.breakers()).find(({ profile }) => profile === connection)?.state;
  const waiting = startLoop(servers, AT_ONCE, 'client');
  await within(PATIENCE_MS, () => waiting.outcomes.length >= AT_ONCE);
  const { openMs, refusals } = await cutFor(relay, Math.max(loadMs, 1_500), async () => {
    const opened = await within(OPENS_WITHIN_MS, async () => (await stateOf()) === 'open');
    if (opened === undefined) return { openMs: undefined, refusals: undefined };
    // Others come while it is open; who waited before goes on waiting.
    return { openMs: opened, refusals: startLoop(servers, SERVERS, 'late') };
  });
  const refused = (refusals?.outcomes ?? []).filter(({ code }) => code === 'CIRCUIT_OPEN');
  const before = waiting.outcomes.length;
  const closeMs =
    openMs === undefined ? undefined : await within(PATIENCE_MS, async () => (await stateOf()) === 'closed');
  const answered = () => waiting.outcomes.slice(before).filter(({ code }) => code === undefined).length;
  const backMs = closeMs === undefined ? undefined : await within(PATIENCE_MS, () => answered() >= AT_ONCE);
  const late = await refusals?.stop();
  const outcomes = [...(await waiting.stop()), ...(late ?? [])];
  const lost = outcomes.filter(({ code }) => code !== undefined && code !== 'CIRCUIT_OPEN').length;
  const total = closeMs === undefined || backMs === undefined ? undefined : closeMs + backMs;
  const told = refused.filter(({ content }) => typeof content.retryAfterMs === 'number').length;
  const p95 = percentile(
    refused.map(({ ms }) => ms),
    0.95,
  );
  return [
    {
      metric: 'The breaker opens after the line was cut',
      target: `within ${duration(OPENS_WITHIN_MS)}`,
      measured: openMs === undefined ? 'it does not' : duration(openMs),
      pass: openMs !== undefined,
    },
    {
      metric: 'Calls while it is open are told when to come back',
      target: 'all',
      measured: `${told} of ${refused.length}`,
      pass: refused.length > 0 && told === refused.length,
    },
    {
      metric: 'Time of such a refusal, p95',
      target: `below ${duration(REFUSED_P95_MS)}`,
      measured: refused.length === 0 ? '-' : duration(p95),
      pass: refused.length > 0 && p95 < REFUSED_P95_MS,
    },
    {
      metric: 'Service is back after the line was mended',
      target: `within ${duration(BACK_WITHIN_MS)}`,
      measured: total === undefined ? 'it is not' : duration(total),
      pass: total !== undefined && total < BACK_WITHIN_MS,
    },
    {
      metric: 'Calls that were admitted and did not end well',
      target: '0',
      measured: String(lost),
      pass: lost === 0 && total !== undefined,
    },
  ];
}

/** Runs `during` on a line that is cut; it stays so for `ms` at least. */
async function cutFor<Result>(relay: Relay, ms: number, during: () => Promise<Result>): Promise<Result> {
  await relay.cut();
  try {
    const [result] = await Promise.all([during(), delay(ms)]);
    return result;
  } finally {
    await relay.open();
  }
}

/** How long it took until it held, in ms; `undefined` when it did not in time. */
async function within(ms: number, holds: () => Promise<boolean> | boolean): Promise<number | undefined> {
  const since = performance.now();
  while (!(await holds())) {
    if (performance.now() - since > ms) return undefined;
    await delay(10);
  }
  return performance.now() - since;
}
