import { setTimeout as delay } from 'node:timers/promises';
import { RawMcpClient } from '../raw-mcp-client.mjs';
import { between, drawsOf } from './draws.mjs';
import { System } from './system.mjs';
import { jobsOf, leftOver, unfinished } from './verdict.mjs';

const STATEMENT_MS = [5, 60];
const CANCEL_AFTER_MS = [0, 60];
const SETTLE_MS = 30_000;

/** Statements of which two thirds are cancelled at a random moment: by `job_cancel`, or because their caller hangs up. */
async function work(draw, url, name, count) {
  let client;
  for (let at = 0; at < count; at += 1) {
    if (client === undefined) {
      client = new RawMcpClient({ url, name, era: 'modern' });
      await client.open();
    }
    const sql = `select system$wait(${Math.round(between(draw, ...STATEMENT_MS))}, 'MILLISECONDS')`;
    const way = draw();
    if (way < 1 / 3) {
      await client.call('query', { sql });
    } else if (way < 2 / 3) {
      const { job_id } = await client.call('start_query', { sql });
      await delay(between(draw, ...CANCEL_AFTER_MS));
      await client.call('job_cancel', { job_id }).catch(() => {});
    } else {
      const answer = client.call('query', { sql }).catch(() => {});
      await delay(between(draw, ...CANCEL_AFTER_MS));
      client.close();
      await answer;
      client = undefined;
    }
  }
  client?.close();
}

/** What is there before and after `operations` statements with random cancels, in one server, one worker, the warehouse and the file. */
export async function cancelAtRandom({ seed, operations, clients = 20 }) {
  const draw = drawsOf(seed);
  const system = await System.start({ workers: 1, servers: 1, concurrency: 10 });
  try {
    const all = async (count) =>
      await Promise.all(
        Array.from({ length: clients }, (_, at) =>
          work(draw, system.urls[0], `client-${at + 1}`, Math.ceil(count / clients)),
        ),
      );
    // What is loaded and opened once is no leak.
    await all(clients * 5);
    const before = await measure(system);
    await all(operations);
    const after = await measure(system);
    const jobs = jobsOf(system.db);
    return { seed, before, after, leftOver: leftOver(system.db), jobs };
  } finally {
    await system.end();
  }
}

async function measure(system) {
  const until = performance.now() + SETTLE_MS;
  const quiet = async () => unfinished(system.db).length === 0 && (await system.health()).running === 0;
  while (!(await quiet()) && performance.now() < until) await delay(50);
  const { sessions, running } = await system.health();
  const [worker, server] = [system.workers[0], system.servers[0]];
  return {
    workerHandles: worker.handles,
    serverHandles: server.handles,
    warehouseHandles: system.warehouse.handles,
    workerMb: Math.round(worker.memoryMb),
    serverMb: Math.round(server.memoryMb),
    sessions,
    running,
    sockets: (await system.proxy.counts()).sockets,
  };
}
