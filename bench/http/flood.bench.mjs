// One client has 5,000 jobs in the queue, another asks one statement after the other: what it waits for, alone and beside the flood.
import { percentile } from '../../dist/cli/demo/fairness-figure.js';
import { McpLoad } from '../../tests/setup/mcp-load-process.mjs';
import { HttpSite } from './http-site.mjs';

const JOBS = 5_000;
const STATEMENT_MS = 20;
/** Long enough that most of the flood is still there when the other asks. */
const FLOOD_STATEMENT_MS = 100;
const FLOOD_CONNECTIONS = 16;
const FOR_MS = 8_000;
const SLOTS = 8;
/** As an operator would who lets one client queue so much: docs/http.md. */
const QUEUE = { max_running: SLOTS, max_queued: 10_000, max_running_per_client: SLOTS, max_queued_per_client: 10_000 };

export async function run() {
  const clients = ['flood', 'slow'].map((name) => ({ name, era: 'modern' }));
  const site = await HttpSite.open({ queue: QUEUE, concurrency: SLOTS / 2, clients });
  let load;
  try {
    const [flood, slow] = site.clients;
    load = await McpLoad.start(site.url, [slow, ...Array(FLOOD_CONNECTIONS).fill(flood)]);
    const measure = async () => {
      const { samples, errors } = await load.closed({ forMs: FOR_MS, statementMs: STATEMENT_MS, names: ['slow'] });
      if (errors.length > 0) throw new Error(errors[0]);
      return {
        answers: samples.length,
        queued: percentile(
          samples.map(({ queuedMs }) => queuedMs),
          0.95,
        ),
        elapsed: percentile(
          samples.map(({ elapsedMs }) => elapsedMs),
          0.95,
        ),
        ms: percentile(
          samples.map(({ ms }) => ms),
          0.95,
        ),
      };
    };
    await measure();
    const alone = await measure();
    const began = performance.now();
    await load.flood({ name: 'flood', count: JOBS, statementMs: FLOOD_STATEMENT_MS });
    const floodedMs = performance.now() - began;
    const beside = await measure();
    const bound = 1.5 * alone.ms + FLOOD_STATEMENT_MS;
    return {
      name: `${JOBS} jobs of one client beside another's single ones`,
      rows: [
        { figure: 'queued within', value: floodedMs / 1_000, unit: 's' },
        { figure: "the other's answers, alone and beside", value: `${alone.answers} and ${beside.answers}` },
        { figure: 'its wait in the queue, p95', value: `${alone.queued} and ${beside.queued}`, unit: 'ms' },
        { figure: 'its statement, p95', value: `${alone.elapsed} and ${beside.elapsed}`, unit: 'ms' },
        {
          figure: 'its answer, p95',
          value: `${alone.ms.toFixed(0)} and ${beside.ms.toFixed(0)}`,
          unit: 'ms',
          note: `aim: at most ${bound.toFixed(0)}, 1.5 times alone and one running job`,
        },
      ],
    };
  } finally {
    await load?.end();
    await site.close();
  }
}
