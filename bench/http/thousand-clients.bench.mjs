// 1,000 clients of both protocol eras, each with its own token and connection, ask one HTTP server; two worker processes run their
// statements of 20 ms. First all of them without a pause, one statement after the other: what the machine can do, and how it is shared. Then
// statements come by chance at 80 % of that rate: what a call takes beyond its statement and its wait for a slot. At last, on a new server,
// clients of three weights with several statements under way each. BENCH_SECONDS is the length of each of the first two, BENCH_CONCURRENCY the
// slots of a worker. With n answers per client, one more or less of each bounds Jain's index to about 1 - 1/(4n²).
import { jainIndex, percentile } from '../../dist/cli/demo/fairness-figure.js';
import { McpLoad } from '../../tests/setup/mcp-load-process.mjs';
import { HttpSite } from './http-site.mjs';

const CLIENTS = Number(process.env.BENCH_CLIENTS ?? 1_000);
const STATEMENT_MS = 20;
const FOR_MS = Number(process.env.BENCH_SECONDS ?? 40) * 1_000;
/** Everybody asks at once at first: by then they have spread. */
const WARM_UP_MS = 5_000;
const LOAD = 0.8;
const WEIGHTS = [1, 2, 4];
/**
 * Statements that each client of a weight has under way: a share shows in full only where something of the client always waits,
 * and with a single one nothing does while its answer travels.
 */
const UNDER_WAY = 2;
/**
 * All clients begin at once and go in step, so that one answer more or less within the measured time does not average out: of so
 * many of the lightest it is 5 %. The time is that which they take at the rate measured before, within bounds.
 */
const ANSWERS_OF_LIGHTEST = 20;
const LONGEST_WEIGHTED_MS = 180_000;

/** As an operator would for so many clients: docs/http.md. */
const QUEUE = { max_running: 64, max_queued: 10_000, max_running_per_client: 64, max_queued_per_client: 100 };
const CONCURRENCY = Number(process.env.BENCH_CONCURRENCY ?? 16);

/** Runs `measure` and adds what each process's processor time came to, in ms per statement. */
async function withCpu(site, measure) {
  const before = site.cpuMs();
  const figures = await measure();
  const after = site.cpuMs();
  const perStatement = (ms) => ms / figures.samples.length;
  const cpu = Object.keys(before).map((name) => [name, perStatement(after[name] - before[name])]);
  return { ...figures, cpu: Object.fromEntries([...cpu, ['load', perStatement(figures.cpuMs)]]) };
}

/** Of each client, the sum of `valueOf` over its answers within the measured time. */
function totalsOf({ samples, from, until }, names, valueOf) {
  const totals = new Map(names.map((name) => [name, 0]));
  for (const sample of samples) {
    const ended = sample.at + sample.ms;
    if (ended >= from && ended <= until) totals.set(sample.client, totals.get(sample.client) + valueOf(sample));
  }
  return [...totals.values()];
}

const countsOf = (figures, names) => totalsOf(figures, names, () => 1);

const sum = (values) => values.reduce((total, value) => total + value, 0);

function cpuText(cpu) {
  return Object.entries(cpu)
    .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
    .join(', ');
}

/** What a call took beyond the statement itself and the wait for its turn. */
const overheadOf = ({ ms, queuedMs }) => ms - STATEMENT_MS - queuedMs;

function noErrors({ errors }, what) {
  if (errors.length > 0) throw new Error(`${what}: ${errors.length} failed, such as ${errors[0]}`);
}

async function equals() {
  const clients = Array.from({ length: CLIENTS }, (_, at) => ({
    name: `client-${at + 1}`,
    era: at % 2 === 0 ? 'modern' : 'legacy',
  }));
  const site = await HttpSite.open({ queue: QUEUE, concurrency: CONCURRENCY, clients });
  let load;
  try {
    load = await McpLoad.start(site.url, site.clients);
    const full = await withCpu(site, () =>
      load.closed({ warmUpMs: WARM_UP_MS, forMs: FOR_MS, statementMs: STATEMENT_MS }),
    );
    noErrors(full, 'without a pause');
    const counts = countsOf(
      full,
      clients.map(({ name }) => name),
    );
    const served = totalsOf(
      full,
      clients.map(({ name }) => name),
      ({ elapsedMs }) => elapsedMs,
    );
    const perSecond = sum(counts) / (FOR_MS / 1_000);
    const some = await withCpu(site, () =>
      load.open({ forMs: FOR_MS, statementMs: STATEMENT_MS, perSecond: perSecond * LOAD }),
    );
    noErrors(some, `at ${LOAD}`);
    return { counts, served, perSecond, full, some };
  } finally {
    await load?.end();
    await site.close();
  }
}

async function weighted(perSecond) {
  const clients = Array.from({ length: CLIENTS }, (_, at) => ({
    name: `client-${at + 1}`,
    era: at % 2 === 0 ? 'modern' : 'legacy',
    weight: WEIGHTS[at % WEIGHTS.length],
  }));
  const site = await HttpSite.open({ queue: QUEUE, concurrency: CONCURRENCY, clients });
  let load;
  try {
    load = await McpLoad.start(site.url, Array(UNDER_WAY).fill(site.clients).flat());
    const ofLightestPerSecond = perSecond / sum(clients.map(({ weight }) => weight));
    const forMs = Math.min(LONGEST_WEIGHTED_MS, (ANSWERS_OF_LIGHTEST / ofLightestPerSecond) * 1_000);
    const full = await load.closed({ warmUpMs: WARM_UP_MS, forMs, statementMs: STATEMENT_MS });
    noErrors(full, 'weighted');
    const means = WEIGHTS.map((weight) => {
      const names = clients.filter((client) => client.weight === weight).map(({ name }) => name);
      const counts = countsOf({ ...full, samples: full.samples.filter(({ client }) => names.includes(client)) }, names);
      return sum(counts) / names.length;
    });
    return { ofLightest: means[0], shares: means.map((mean) => mean / means[0]) };
  } finally {
    await load?.end();
    await site.close();
  }
}

export async function run() {
  const { counts, served, perSecond, full, some } = await equals();
  const { shares, ofLightest } = await weighted(perSecond);
  const p = (values, share) => Number(percentile(values, share).toFixed(1));
  const overhead = some.samples.map(overheadOf);
  const queued = some.samples.map(({ queuedMs }) => queuedMs);
  const inQueue = sum(full.samples.map(({ queuedMs }) => queuedMs)) / sum(full.samples.map(({ ms }) => ms));
  return {
    name: `${CLIENTS} clients over HTTP, half of them of each era`,
    rows: [
      {
        figure: 'statements per second',
        value: perSecond,
        note: `ideal of ${2 * CONCURRENCY} slots: ${(2 * CONCURRENCY * 1_000) / STATEMENT_MS}`,
      },
      { figure: 'processor time per statement', value: cpuText(full.cpu), unit: 'ms' },
      { figure: 'of the time of a call, spent in the queue', value: `${(inQueue * 100).toFixed(0)} %` },
      {
        figure: 'answers of one client: fewest, mean and most',
        value: `${Math.min(...counts)}, ${(sum(counts) / counts.length).toFixed(1)} and ${Math.max(...counts)}`,
      },
      { figure: "Jain's index of answers", value: jainIndex(counts).toFixed(4), note: 'aim: above 0.99' },
      {
        figure: "Jain's index of time in slots",
        value: jainIndex(served).toFixed(4),
        note: 'what the queue shares out',
      },
      {
        figure: 'answers by weight 1 : 2 : 4',
        value: shares.map((share) => share.toFixed(2)).join(' : '),
        note: `aim: within 5 %; ${UNDER_WAY} under way of each client, ${ofLightest.toFixed(1)} answers of each of the lightest`,
      },
      {
        figure: `at ${LOAD * 100} %: own overhead, median and p95`,
        value: `${p(overhead, 0.5)} and ${p(overhead, 0.95)}`,
        unit: 'ms',
        note: 'answer − statement − wait for a slot; aim: p95 50',
      },
      {
        figure: `at ${LOAD * 100} %: wait for a slot, median and p95`,
        value: `${p(queued, 0.5)} and ${p(queued, 0.95)}`,
        unit: 'ms',
      },
      { figure: `at ${LOAD * 100} %: processor time per statement`, value: cpuText(some.cpu), unit: 'ms' },
      { figure: 'nobody idle to ask', value: some.nobodyIdle },
    ],
  };
}
