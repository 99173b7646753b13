import { setTimeout as delay } from 'node:timers/promises';
import { clientLabel } from '../../mcp/client-label.js';
import type { Store } from '../../store/store.js';
import { jainIndex } from '../demo/fairness-figure.js';
import type { McpProcess } from '../demo/mcp-process.js';
import type { Metric, Verification } from './metric.js';
import { call, type Outcome, onlyValue, waitStatement } from './question.js';

const CLIENTS = 20;
const ROUNDS = 6;
const QUOTA = 7;
const QUOTA_CALLS = 30;
const SERVERS = 2;
const CONCURRENCY = 2;
const EQUALS = 4;
/** Statements of the one who came first, for each of an equal's. */
const FLOOD = 3;
const STATEMENT_MS = 50;
/** Statements that start while the last ones are still being queued: for so long, in ms. */
const QUEUEING_MS = 1_000;
const LEAST_JAIN = 0.99;

/** Phase 3: clients do not interfere with each other, limits are enforced exactly, and the queue is fair. */
export const isolated: Verification = async ({ store, servers: start }, say, loadMs) => {
  const servers = await start(SERVERS, CONCURRENCY);
  say(`${CLIENTS} clients, each with a schema of its own`);
  const contexts = await keptApart(servers);
  say(`${CLIENTS} clients, each with memories of its own`);
  const memories = await rememberedApart(servers);
  say(`a quota of ${QUOTA} requests`);
  const quota = await quotaHolds(store, servers);
  say('a flood beside others');
  return [contexts, memories, quota, await fairlyShared(store, servers, loadMs)];
};

/** Clients of all servers in turn. */
function spread<Result>(
  servers: readonly McpProcess[],
  count: number,
  ask: (server: McpProcess, at: number) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(
    Array.from({ length: count }, (_, at) => {
      const server = servers[at % servers.length];
      if (server === undefined) throw new Error('no server was started');
      return ask(server, at);
    }),
  );
}

/** Every client sets its own context, half of them by USE, and asks for it again and again while the others do the same. */
async function keptApart(servers: readonly McpProcess[]): Promise<Metric> {
  const schema = (at: number) => `S${at}`;
  await spread(servers.slice(0, 1), 1, (server) => call(server, 'founder', 'query', { sql: 'create database own' }));
  await spread(servers, CLIENTS, (server, at) =>
    call(server, 'founder', 'query', { sql: `create schema own.${schema(at)}` }),
  );
  const own = await spread(servers, CLIENTS, async (server, at) => {
    const client = `client-${at}`;
    if (at % 2 === 0) await call(server, client, 'set_session', { database: 'OWN', schema: schema(at) });
    else await call(server, client, 'query', { sql: `use schema own.${schema(at)}` });
    let right = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const outcome = await call(server, client, 'query', { sql: 'select current_schema()' });
      if (onlyValue(outcome) === schema(at)) right += 1;
    }
    return right;
  });
  const right = own.reduce((sum, count) => sum + count, 0);
  const all = CLIENTS * ROUNDS;
  return {
    metric: `Answers in their asker’s own context, ${CLIENTS} clients`,
    target: `${all} of ${all}`,
    measured: `${right} of ${all}`,
    pass: right === all,
  };
}

/** Every client stores something, looks for what all have stored, and tries to read and delete what another has. */
async function rememberedApart(servers: readonly McpProcess[]): Promise<Metric> {
  const client = (at: number) => `client-${at}`;
  const ids = await spread(servers, CLIENTS, async (server, at) => {
    const text = `The secret of ${client(at)} is kept here.`;
    return String((await call(server, client(at), 'memory_store', { text })).content.id);
  });
  const right = await spread(servers, CLIENTS, async (server, at) => {
    const other = ids[(at + 1) % CLIENTS];
    const [found, read, deleted] = await Promise.all([
      call(server, client(at), 'memory_search', { query: 'secret' }),
      call(server, client(at), 'memory_list', { id: other }),
      call(server, client(at), 'memory_delete', { id: other }),
    ]);
    const memories = found.content.memories as readonly { readonly id: string }[];
    return memories.length === 1 && memories[0]?.id === ids[at] && hidden(read) && hidden(deleted);
  });
  const kept = await spread(servers, CLIENTS, async (server, at) => {
    return ((await call(server, client(at), 'memory_list', {})).content.memories as readonly unknown[]).length === 1;
  });
  const all = right.filter((is, at) => is && kept[at]).length;
  return {
    metric: `Clients that find, read and delete their own memories only, of ${CLIENTS}`,
    target: `${CLIENTS}`,
    measured: `${all}`,
    pass: all === CLIENTS,
  };
}

/** As if it were not there. */
function hidden({ code, content }: Outcome): boolean {
  return (
    code === 'NOT_FOUND' || (content.memories as readonly unknown[] | undefined)?.length === 0 || content.deleted === 0
  );
}

async function quotaHolds(store: Store, servers: readonly McpProcess[]): Promise<Metric> {
  const client = clientLabel('bounded');
  await store.setQuota({ client }, { class: 'query', metric: 'requests', period: 'day', limit: QUOTA });
  const codes = await spread(servers, QUOTA_CALLS, async (server) => {
    return (await call(server, 'bounded', 'query', { sql: 'select 1' })).code;
  });
  const passed = codes.filter((code) => code === undefined).length;
  const refused = codes.filter((code) => code === 'QUOTA_EXCEEDED').length;
  return {
    metric: `Requests that a quota of ${QUOTA} lets pass, of ${QUOTA_CALLS} through two processes`,
    target: `${QUOTA}, the others refused`,
    measured: `${passed}, ${refused} refused`,
    pass: passed === QUOTA && refused === QUOTA_CALLS - QUOTA,
  };
}

/**
 * All have the same weight, and more queued than can run within the window, which begins as soon as the last of them has
 * come; one came first, with far more than the others, and had all workers to itself.
 */
async function fairlyShared(store: Store, servers: readonly McpProcess[], windowMs: number): Promise<Metric> {
  const sql = waitStatement(STATEMENT_MS);
  const equals = Array.from({ length: EQUALS }, (_, at) => `equal-${at + 1}`);
  const queue = (client: string, count: number) =>
    spread(servers, count, (server) => call(server, client, 'start_query', { sql }));
  const startedAtMost = ((QUEUEING_MS + windowMs) / STATEMENT_MS) * SERVERS * CONCURRENCY;
  const equal = Math.ceil((startedAtMost / (EQUALS + 1)) * 1.2);
  const flood = FLOOD * equal;
  await queue('flood', flood);
  await Promise.all(equals.map((client) => queue(client, equal)));
  const from = Date.now();
  await delay(windowMs);
  const until = Date.now();
  const [first = 0, ...others] = await Promise.all(
    ['flood', ...equals].map((name) => startedBetween(store, clientLabel(name), from, until)),
  );
  const jain = jainIndex([first, ...others]);
  return {
    metric: `Jain’s index of ${EQUALS} equals and a flood of ${flood} statements`,
    target: `above ${LEAST_JAIN}`,
    measured: `${jain.toFixed(3)} (flood ${first}, others ${others.join(', ')})`,
    pass: jain > LEAST_JAIN,
  };
}

async function startedBetween(store: Store, client: string, from: number, until: number): Promise<number> {
  const { jobs } = await store.list({ client, limit: 1_000 });
  await Promise.all(
    jobs.filter(({ state }) => state === 'queued').map(({ id }) => store.cancel(id, 'The verification is over.')),
  );
  return jobs.filter(({ startedAt = 0 }) => startedAt >= from && startedAt < until).length;
}
