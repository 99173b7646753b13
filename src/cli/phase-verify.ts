import { PHASES } from '../config/flags.js';
import { SnowError } from '../errors/snow-error.js';
import { Stage } from './demo/stage.js';
import { EXIT } from './exit-code.js';
import type { GlobalOptions } from './global-options.js';
import { Interrupted } from './interrupted.js';
import { phaseOf } from './phase.js';
import { startStep } from './step.js';
import { table } from './table.js';
import { terminal } from './terminal.js';
import type { Metric, Verification } from './verify/metric.js';
import { openSite } from './verify/site.js';
import { withStore } from './with-store.js';

export interface PhaseVerifyOptions extends GlobalOptions {
  /** How long each load is measured (3). */
  readonly seconds?: number;
}

const LOAD_S = 3;

/** A verification may take this long (ms) beside its loads, the start of its processes included. */
const LONGEST_MS = 60_000;

/** A verification measures at most so many loads. */
const LOADS = 5;

async function verificationOf(phase: number): Promise<Verification> {
  if (phase === 1) return (await import('./verify/stabilised.js')).stabilised;
  if (phase === 2) return (await import('./verify/concurrency.js')).concurrent;
  if (phase === 3) return (await import('./verify/isolation.js')).isolated;
  if (phase === 4) return (await import('./verify/resilient.js')).resilient;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The verification of phase ${phase} is not in this version.`,
    hint: 'Phases 1 to 4 can be verified.',
  });
}

/** Measures a phase's success metrics with the flags as they are set, in a database of its own. Exit code 1 when one fails. */
export async function phaseVerify(given: string, options: PhaseVerifyOptions): Promise<void> {
  const phase = phaseOf(given);
  const loadMs = (options.seconds ?? LOAD_S) * 1_000;
  const verification = await verificationOf(phase);
  const flags = await withStore(options, (store) => store.flagSettings());
  const stage = new Stage();
  const step = await startStep(`phase ${phase} (${PHASES[phase]}): starting`, options);
  stage.atEnd(async () => step.end());
  const run = (async () => {
    const site = await openSite(stage, flags);
    return await verification(site, (what) => step.update(`phase ${phase} (${PHASES[phase]}): ${what}`), loadMs);
  })();
  let metrics: readonly Metric[];
  try {
    metrics = await Promise.race([run, interrupted(LONGEST_MS + LOADS * loadMs)]);
  } catch (thrown) {
    run.catch(() => undefined);
    throw thrown;
  } finally {
    await stage.end();
  }
  const pass = metrics.every((metric) => metric.pass);
  const result = { phase, name: PHASES[phase], pass, metrics };
  await terminal({ json: options.json ?? false, color: options.color }).result(result, (paint) =>
    table(
      [{ title: 'METRIC' }, { title: 'TARGET' }, { title: 'MEASURED' }, { title: 'RESULT' }],
      metrics.map((metric) => [
        metric.metric,
        metric.target,
        metric.measured,
        metric.pass ? paint.green('pass') : paint.red('fail'),
      ]),
    ),
  );
  process.exit(pass ? EXIT.done : EXIT.failed);
}

function interrupted(longestMs: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => reject(new Interrupted('The verification')));
    setTimeout(
      () =>
        reject(new SnowError({ code: 'QUEUE_TIMEOUT', message: 'The verification took too long on this machine.' })),
      longestMs,
    ).unref();
  });
}
