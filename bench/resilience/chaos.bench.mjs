// Twenty clients read and write over HTTP while the network fails by a seed and processes are killed at random; then everything
// that was promised is compared with what is there. CHAOS_SECONDS (60) says how long, CHAOS_SEED which draws.
import { randomInt } from 'node:crypto';
import { runChaos, shares } from '../../tests/setup/chaos/run.mjs';
import { percent, percentile, tally } from './figures.mjs';

const seconds = Number(process.env.CHAOS_SECONDS ?? 60);
const seed = Number(process.env.CHAOS_SEED ?? randomInt(1_000_000));

export async function run() {
  const report = await runChaos({ seed, seconds });
  const { outside, answered, answeredOfAll, unknown } = shares(report);
  const { notes, quiet, jobs, events, faults, broken, leftOver, exitCodes, before, after } = report;
  const right = notes.filter(({ outcome }) => outcome === 'right').map(({ ms }) => ms);
  const retried = jobs.filter(({ attempts }) => attempts > 1).length;
  const ends = jobs.map(
    ({ state, write, error }) => `${write ? 'write' : 'read'} ${state}${error ? ` ${error.code}` : ''}`,
  );
  for (const promise of broken) console.error(`  BROKEN ${promise}`);
  return {
    name: `chaos for ${seconds} s (CHAOS_SEED=${seed}), 20 clients, 2 workers, 2 servers`,
    rows: [
      { figure: 'broken promises', value: broken.length, note: 'lost jobs, wrong answers, writes done twice' },
      { figure: 'admitted outside the outages and answered', value: percent(answered), note: `of ${outside}` },
      { figure: 'admitted at any time and answered', value: percent(answeredOfAll), note: `of ${jobs.length}` },
      { figure: 'writes with OUTCOME_UNKNOWN', value: percent(unknown) },
      { figure: 'jobs that needed another attempt', value: percent(retried / jobs.length) },
      { figure: 'ends of jobs', value: tally(ends) },
      { figure: 'calls, as clients saw them', value: tally(notes.map(({ outcome }) => outcome)) },
      { figure: 'calls once all was well', value: tally(quiet.map(({ outcome }) => outcome)) },
      { figure: 'right answers, p50', value: percentile(right, 0.5), unit: 'ms' },
      { figure: 'right answers, p99', value: percentile(right, 0.99), unit: 'ms' },
      { figure: 'blows', value: tally(events.map(({ what }) => what)) },
      {
        figure: 'faults of the network',
        value: Object.entries(faults)
          .map(([kind, count]) => `${kind} ${count}`)
          .join(', '),
      },
      {
        figure: 'left over',
        value: Object.entries(leftOver)
          .map(([what, count]) => `${what} ${count}`)
          .join(', '),
      },
      { figure: 'exit codes', value: Object.values(exitCodes).join(', ') },
      ...Object.keys(after).map((name) => ({
        figure: `${name}: handles, memory before and after`,
        value: `${before[name].handles} → ${after[name].handles}, ${before[name].memoryMb} → ${after[name].memoryMb} MB`,
      })),
    ],
  };
}
