// What works on the jobs of throughput.bench.mjs, which do nothing: called there, or started as a process of its own.
import Database from 'better-sqlite3';
import { better, defineQueue, defineWorker } from 'plainjob';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';

export const QUIET = { error() {}, warn() {}, info() {}, debug() {} };

const DONE = {
  state: 'succeeded',
  result: { columns: [], rowCount: 0, pageCount: 0, truncated: false },
  usage: { executionMs: 0, rows: 0, bytes: 0 },
};

/** Claims and settles, as the product's worker does, until stopped. */
export function workOn(store, lane) {
  let over = false;
  let wake = () => {};
  store.onChange(() => wake());
  const work = async () => {
    let held = [];
    while (!over || held.length > 0) {
      const woken = new Promise((resolve) => {
        wake = resolve;
      });
      // Asked for in one turn: what is done and what comes next share a transaction.
      const settled = held.map(({ job, attempt, fence }) => store.settle({ id: job.id, attempt, fence }, DONE));
      held = await store.claim({ worker: 'bench', lanes: [lane], slots: 250, leaseMs: 15_000 });
      await Promise.all(settled);
      if (held.length === 0 && !over) await woken;
    }
  };
  const working = work();
  return async () => {
    over = true;
    wake();
    await working;
  };
}

async function workForStore({ path, synchronous, bounds, lane }) {
  const store = await openSqliteStore({ path, synchronous, bounds });
  const stop = workOn(store, lane);
  process.once('disconnect', async () => {
    await stop();
    await store.close();
  });
  process.send('ready');
}

function workForPlainjob({ path }) {
  let ended = 0;
  const worker = defineWorker('noop', async () => {}, {
    queue: defineQueue({ connection: better(new Database(path)), logger: QUIET }),
    logger: QUIET,
    pollIntervall: 1,
    onCompleted: () => {
      ended += 1;
      // It has no way to tell another process; one message for many is the cheapest there is.
      if (ended < 32) return;
      process.send(ended);
      ended = 0;
    },
  });
  worker.start();
  process.send('ready');
}

if (process.argv[1] === import.meta.filename) {
  const { queue, ...settings } = JSON.parse(process.argv[2]);
  if (queue === 'plainjob') workForPlainjob(settings);
  else await workForStore(settings);
}
