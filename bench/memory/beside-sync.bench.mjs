// Memory operations and statements of 20 clients at a pace, alone and while a repository is synced by a process of its own: in
// turns, so that whatever else the machine does falls on both. MCP_SNOW_BENCH=full: 50,000 files, longer turns.
import { Stage } from '../../dist/cli/demo/stage.js';
import { keepSyncing } from '../../dist/cli/verify/beside-sync.js';
import { pacedLoad } from '../../dist/cli/verify/paced-load.js';
import { openSite } from '../../dist/cli/verify/site.js';

const FULL = process.env.MCP_SNOW_BENCH === 'full';
const FILES = FULL ? 50_000 : 5_000;
const TURNS = FULL ? 4 : 3;
const LOAD = { clients: 20, memoryEveryMs: 250, statementEveryMs: 500, forMs: FULL ? 10_000 : 4_000 };

const percentile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

function row(figure, alone, beside) {
  const at = (values) => [0.5, 0.95, 0.99].map((share) => percentile(values, share).toFixed(1)).join(' / ');
  const ratio = percentile(beside, 0.95) / percentile(alone, 0.95);
  return { figure, value: `${at(alone)} against ${at(beside)}`, unit: 'ms', note: `p95 ${ratio.toFixed(2)}x` };
}

export async function run() {
  const stage = new Stage();
  try {
    const site = await openSite(stage, []);
    const gateway = (await site.backend(LOAD.clients)).gateway();
    await site.store.setRate('default', 'memory', { count: 1_000_000, perMs: 60_000, burst: 1_000_000 });
    await site.store.setRate('default', 'sync', { count: 1_000, perMs: 60_000, burst: 1_000 });
    const folder = await site.code(FILES);
    await site.syncer();
    await pacedLoad(gateway, { ...LOAD, forMs: 1_000 });
    const alone = { memoryMs: [], statementMs: [] };
    const beside = { memoryMs: [], statementMs: [] };
    let files = 0;
    const add = (sums, { memoryMs, statementMs }) => {
      sums.memoryMs.push(...memoryMs);
      sums.statementMs.push(...statementMs);
    };
    for (let turn = 0; turn < TURNS; turn += 1) {
      add(alone, await pacedLoad(gateway, LOAD));
      const syncing = await keepSyncing(gateway, folder);
      add(beside, await pacedLoad(gateway, LOAD));
      files += syncing.files;
      await syncing.stop();
    }
    return {
      name: `20 clients beside the sync of ${FILES} files (p50 / p95 / p99)`,
      rows: [
        row('memory operations, alone against beside a sync', alone.memoryMs, beside.memoryMs),
        row('statements, alone against beside a sync', alone.statementMs, beside.statementMs),
        {
          figure: 'calls',
          value: alone.memoryMs.length + beside.memoryMs.length,
          unit: 'and',
          note: `${alone.statementMs.length + beside.statementMs.length} statements`,
        },
        { figure: 'files read meanwhile', value: files },
      ],
    };
  } finally {
    await stage.end();
  }
}
