// 1,000 clients, each asking for the next job when the last has ended; the jobs do nothing. What the queue itself can do,
// against plainjob (the same loop, its own worker) and against the least that can be written with better-sqlite3.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { better, defineQueue, defineWorker } from 'plainjob';
import { newJobId } from '../../dist/store/job-id.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';

const CLIENTS = 1_000;
const WARM_UP_MS = 500;
const MEASURE_MS = 2_500;
const LANE = 'local:sql';
const ROOMY = { maxRunning: 1_000, maxQueued: 10_000, maxRunningPerClient: 10, maxQueuedPerClient: 100 };
const SUCCESS = {
  state: 'succeeded',
  result: { columns: [], rowCount: 0, pageCount: 0, truncated: false },
  usage: { executionMs: 0, rows: 0, bytes: 0 },
};

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

function ourStore(synchronous) {
  return inFolder(async (path) => {
    const store = await openSqliteStore({ path, synchronous, bounds: ROOMY });
    const meter = new Meter();
    const waiting = new Map();
    let { sequence } = await store.settledSince('latest', 1);
    let wakeWorker = () => {};
    let reading = false;
    store.onChange(async () => {
      wakeWorker();
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
    let over = false;
    const worker = async () => {
      let claimed = [];
      while (!over || claimed.length > 0) {
        const woken = new Promise((resolve) => {
          wakeWorker = resolve;
        });
        const next = store.claim({ worker: 'w', lanes: [LANE], slots: 250, leaseMs: 15_000 });
        const holds = claimed.map(({ job, attempt, fence }) => ({ id: job.id, attempt, fence }));
        await Promise.all(holds.map((hold) => store.settle(hold, SUCCESS)));
        claimed = await next;
        if (claimed.length === 0 && !over) await woken;
      }
    };
    const working = worker();
    await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(`client-${n}`)));
    over = true;
    wakeWorker();
    await working;
    await store.close();
    return meter.perSecond;
  });
}

function plainjob() {
  return inFolder(async (path) => {
    const quiet = { error() {}, warn() {}, info() {}, debug() {} };
    const queue = defineQueue({ connection: better(new Database(path)), logger: quiet });
    const meter = new Meter();
    let left = CLIENTS;
    let allLeft;
    const done = new Promise((resolve) => {
      allLeft = resolve;
    });
    const worker = defineWorker('noop', async () => {}, {
      queue,
      logger: quiet,
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
  const full = await ourStore('FULL');
  const normal = await ourStore('NORMAL');
  const theirs = await plainjob();
  const floorFull = await floor('FULL');
  const floorNormal = await floor('NORMAL');
  return {
    name: 'queue throughput, 1,000 closed-loop clients, jobs that do nothing',
    rows: [
      { figure: 'mcp-snow, synchronous=FULL (default)', value: full, unit: 'jobs/s' },
      { figure: 'mcp-snow, synchronous=NORMAL', value: normal, unit: 'jobs/s' },
      { figure: 'plainjob 0.0.14', value: theirs, unit: 'jobs/s', note: 'its own pragmas' },
      { figure: 'better-sqlite3, one by one, FULL', value: floorFull, unit: 'jobs/s' },
      { figure: 'better-sqlite3, one by one, NORMAL', value: floorNormal, unit: 'jobs/s' },
      { figure: 'mcp-snow FULL : plainjob', value: full / theirs, unit: '×', note: 'aim: 3' },
      { figure: 'mcp-snow NORMAL : plainjob', value: normal / theirs, unit: '×' },
      { figure: 'mcp-snow FULL : better-sqlite3 FULL', value: full / floorFull, unit: '×' },
    ],
  };
}
