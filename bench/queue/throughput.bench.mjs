// 1,000 clients, each asking for the next job when the last has ended; the jobs do nothing. What the queue itself can do,
// against plainjob (the same loop, its own worker, the best of three ways to run it) and against the least that can be
// written with better-sqlite3. The clients are in this process; the worker is too, or in another that shares the file only.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { better, defineQueue, defineWorker } from 'plainjob';
import { newJobId } from '../../dist/store/job-id.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';
import { QUIET, workOn } from './noop-workers.mjs';

const CLIENTS = 1_000;
const WARM_UP_MS = 500;
const MEASURE_MS = 2_500;
const LANE = 'local:sql';
const ROOMY = { maxRunning: 1_000, maxQueued: 10_000, maxRunningPerClient: 10, maxQueuedPerClient: 100 };
const WORKER = join(import.meta.dirname, 'noop-workers.mjs');

async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  try {
    return await work(join(folder, 'queue.db'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Counts ends while it is time to. */
class Meter {
  ended = 0;
  #from = performance.now() + WARM_UP_MS;
  #until = this.#from + MEASURE_MS;

  get running() {
    return performance.now() < this.#until;
  }

  count() {
    if (performance.now() >= this.#from) this.ended += 1;
  }

  get perSecond() {
    return this.ended / (MEASURE_MS / 1_000);
  }
}

/** Answers the way to end it. */
async function startWorker(settings, onMessage) {
  const child = fork(WORKER, [JSON.stringify(settings)]);
  await once(child, 'message');
  if (onMessage !== undefined) child.on('message', onMessage);
  return async () => {
    const exit = once(child, 'exit');
    // plainjob's worker leaves no turn in which it could hear that it shall end.
    if (settings.queue === 'plainjob') child.kill('SIGKILL');
    else child.disconnect();
    await exit;
  };
}

function ourStore(synchronous, processes) {
  return inFolder(async (path) => {
    const store = await openSqliteStore({ path, synchronous, bounds: ROOMY });
    const settings = { queue: 'mcp-snow', path, synchronous, bounds: ROOMY, lane: LANE };
    const stop = processes === 1 ? workOn(store, LANE) : await startWorker(settings);
    const meter = new Meter();
    const waiting = new Map();
    let { sequence } = await store.settledSince('latest', 1);
    let reading = false;
    store.onChange(async () => {
      if (reading) return;
      reading = true;
      for (;;) {
        const since = await store.settledSince(sequence, 1_000);
        if (since.ids.length === 0) break;
        sequence = since.sequence;
        for (const id of since.ids) waiting.get(id)?.();
      }
      reading = false;
    });

    const client = async (name) => {
      while (meter.running) {
        const id = newJobId();
        const ended = new Promise((resolve) => waiting.set(id, resolve));
        await store.admit({
          id,
          client: name,
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
        await ended;
        waiting.delete(id);
        meter.count();
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(`client-${n}`)));
    await stop();
    await store.close();
    return meter.perSecond;
  });
}

/** Clients and worker in one process: nothing has to be told to anybody. */
function plainjobInside() {
  return inFolder(async (path) => {
    const queue = defineQueue({ connection: better(new Database(path)), logger: QUIET });
    const meter = new Meter();
    let left = CLIENTS;
    let allLeft;
    const done = new Promise((resolve) => {
      allLeft = resolve;
    });
    const worker = defineWorker('noop', async () => {}, {
      queue,
      logger: QUIET,
      pollIntervall: 1,
      onCompleted: () => {
        meter.count();
        if (meter.running) queue.add('noop', { sql: 'select 1' });
        else if (--left === 0) allLeft();
      },
    });
    for (let n = 0; n < CLIENTS; n += 1) queue.add('noop', { sql: 'select 1' });
    const working = worker.start();
    // Its worker never leaves the microtask queue while there is work, so timers would starve: the loop ends by counting.
    await done;
    await worker.stop();
    await working;
    queue.close();
    return meter.perSecond;
  });
}

/** Workers in processes of their own, which tell this one by messages how many jobs have ended. */
function plainjobOutside(workers) {
  return inFolder(async (path) => {
    const queue = defineQueue({ connection: better(new Database(path)), logger: QUIET });
    let allLeft;
    const done = new Promise((resolve) => {
      allLeft = resolve;
    });
    let meter;
    const add = (count) => {
      for (let n = 0; n < count; n += 1) queue.add('noop', { sql: 'select 1' });
    };
    const onMessage = (ended) => {
      for (let n = 0; n < ended; n += 1) meter.count();
      if (meter.running) add(ended);
      else allLeft();
    };
    const settings = { queue: 'plainjob', path };
    const stops = await Promise.all(Array.from({ length: workers }, () => startWorker(settings, onMessage)));
    meter = new Meter();
    add(CLIENTS);
    await done;
    await Promise.all(stops.map((stop) => stop()));
    queue.close();
    return meter.perSecond;
  });
}

function floor(synchronous) {
  return inFolder(async (path) => {
    const db = new Database(path);
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${synchronous}`);
    db.exec('CREATE TABLE jobs (id INTEGER PRIMARY KEY, state INTEGER, payload TEXT)');
    db.exec('CREATE INDEX ready ON jobs (id) WHERE state = 0');
    const add = db.prepare('INSERT INTO jobs (state, payload) VALUES (0, ?)');
    const take = db.prepare(
      'UPDATE jobs SET state = 1 WHERE id = (SELECT id FROM jobs WHERE state = 0 ORDER BY id LIMIT 1) RETURNING id, payload',
    );
    const end = db.prepare('UPDATE jobs SET state = 2 WHERE id = ?');
    const meter = new Meter();
    for (let n = 0; n < CLIENTS; n += 1) add.run('{"sql":"select 1"}');
    while (meter.running) {
      const { id } = take.get();
      end.run(id);
      add.run('{"sql":"select 1"}');
      meter.count();
    }
    db.close();
    return meter.perSecond;
  });
}

export async function run() {
  const ours = {};
  for (const synchronous of ['FULL', 'NORMAL'])
    for (const processes of [1, 2]) ours[`${synchronous} ${processes}`] = await ourStore(synchronous, processes);
  const inside = await plainjobInside();
  const oneWorker = await plainjobOutside(1);
  const twoWorkers = await plainjobOutside(2);
  const floorFull = await floor('FULL');
  const floorNormal = await floor('NORMAL');
  const full = Math.max(ours['FULL 1'], ours['FULL 2']);
  const normal = Math.max(ours['NORMAL 1'], ours['NORMAL 2']);
  const theirs = Math.max(inside, oneWorker, twoWorkers);
  return {
    name: 'queue throughput, 1,000 closed-loop clients, jobs that do nothing',
    rows: [
      { figure: 'mcp-snow, FULL (default), one process', value: ours['FULL 1'], unit: 'jobs/s' },
      { figure: 'mcp-snow, FULL, clients and worker apart', value: ours['FULL 2'], unit: 'jobs/s' },
      { figure: 'mcp-snow, NORMAL, one process', value: ours['NORMAL 1'], unit: 'jobs/s' },
      { figure: 'mcp-snow, NORMAL, clients and worker apart', value: ours['NORMAL 2'], unit: 'jobs/s' },
      { figure: 'plainjob 0.0.14, one process', value: inside, unit: 'jobs/s', note: 'NORMAL is its own' },
      { figure: 'plainjob, one worker process', value: oneWorker, unit: 'jobs/s' },
      { figure: 'plainjob, two worker processes', value: twoWorkers, unit: 'jobs/s' },
      { figure: 'better-sqlite3, one by one, FULL', value: floorFull, unit: 'jobs/s' },
      { figure: 'better-sqlite3, one by one, NORMAL', value: floorNormal, unit: 'jobs/s' },
      { figure: 'mcp-snow FULL : plainjob', value: full / theirs, unit: '×', note: 'the best of each; aim: 3' },
      { figure: 'mcp-snow NORMAL : plainjob', value: normal / theirs, unit: '×', note: 'the best of each' },
      { figure: 'mcp-snow FULL : better-sqlite3 FULL', value: full / floorFull, unit: '×' },
    ],
  };
}
