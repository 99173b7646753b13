import { decide, flagDefinition, flagsOfPhase, PHASES, type Phase } from '../config/flags.js';
import { SnowError } from '../errors/snow-error.js';
import type { FlagSetting } from '../store/flag-store.js';
import { operator } from './flag.js';
import { exceptionsText, type FlagJson, flagJson } from './flag-state.js';
import type { GlobalOptions } from './global-options.js';
import { table } from './table.js';
import { terminal } from './terminal.js';
import { withStore } from './with-store.js';

type PhaseState = 'on' | 'partly on' | 'off' | 'not in this version';

interface PhaseJson {
  readonly phase: number;
  readonly name: string;
  readonly state: PhaseState;
  readonly flags: readonly FlagJson[];
}

const PHASE_NUMBERS = Object.keys(PHASES).map(Number) as readonly Phase[];

export async function phaseStatus(options: GlobalOptions): Promise<void> {
  const settings = await withStore(options, (store) => store.flagSettings());
  await print(
    PHASE_NUMBERS.map((phase) => phaseJson(phase, settings)),
    options,
  );
}

/** Switches all flags of a phase for everybody. */
export async function phaseSwitch(given: string, on: boolean, options: GlobalOptions): Promise<void> {
  const phase = phaseOf(given);
  const flags = flagsOfPhase(phase).filter((flag) => flagDefinition(flag).built);
  if (flags.length === 0)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `Nothing of phase ${phase} (${PHASES[phase]}) is in this version.`,
      hint: 'See mcp-snow phase status.',
    });
  const settings = await withStore(options, async (store) => {
    await Promise.all(flags.map((flag) => store.setFlag(flag, 'all', on, operator())));
    return await store.flagSettings();
  });
  await print([phaseJson(phase, settings)], options);
}

/** Throws `INVALID_ARGUMENT` that names the phases there are. */
export function phaseOf(given: string): Phase {
  const phase = PHASE_NUMBERS.find((known) => String(known) === given);
  if (phase === undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `There is no phase ${JSON.stringify(given.slice(0, 80))}.`,
      hint: `Phases are ${PHASE_NUMBERS.map((known) => `${known} (${PHASES[known]})`).join(', ')}.`,
    });
  return phase;
}

function phaseJson(phase: Phase, settings: readonly FlagSetting[]): PhaseJson {
  const everybody = settings.filter(({ scope }) => scope === 'all');
  const flags = flagsOfPhase(phase).map((flag) => flagJson(flag, decide(flag, { client: '' }, everybody), settings));
  return { phase, name: PHASES[phase], state: stateOf(flags), flags };
}

function stateOf(flags: readonly FlagJson[]): PhaseState {
  const built = flags.filter(({ state }) => state !== 'not in this version');
  if (built.length === 0) return 'not in this version';
  const on = built.filter(({ state }) => state === 'on').length;
  if (on === 0) return 'off';
  return on === flags.length ? 'on' : 'partly on';
}

async function print(phases: readonly PhaseJson[], options: GlobalOptions): Promise<void> {
  await terminal({ json: options.json ?? false, color: options.color }).result({ phases }, (paint) =>
    table(
      [
        { title: 'PHASE' },
        { title: 'STATE' },
        { title: 'FLAG' },
        { title: 'STATE' },
        { title: 'MEANS' },
        { title: 'EXCEPT' },
      ],
      phases.flatMap(({ phase, name, state, flags }) =>
        flags.map((flag, at) => [
          at === 0 ? `${phase} ${name}` : '',
          at > 0 ? '' : state === 'on' ? paint.green(state) : state === 'off' ? paint.yellow(state) : state,
          flag.flag,
          flag.state,
          flag.means,
          exceptionsText(flag.settings),
        ]),
      ),
    ),
  );
}
