import { decide, FLAG_NAMES, type FlagScope, flagNamed } from '../config/flags.js';
import { SnowError } from '../errors/snow-error.js';
import { clientLabel } from '../mcp/client-label.js';
import { exceptionsText, flagJson, scopeText } from './flag-state.js';
import type { GlobalOptions } from './global-options.js';
import { table } from './table.js';
import { terminal } from './terminal.js';
import { withStore } from './with-store.js';

export interface FlagListOptions extends GlobalOptions {
  readonly client?: string;
}

/** Who changes flags from here: the OS user. */
export function operator(): string {
  return clientLabel('cli');
}

export async function flagList(options: FlagListOptions): Promise<void> {
  const { client, ...global } = options;
  const flags = await withStore(global, async (store) => {
    const settings = await store.flagSettings();
    const group = client === undefined ? undefined : (await store.findClient(client))?.group;
    const who = { client: client ?? '', ...(group !== undefined && { group }) };
    // Without a client, what holds where nothing narrower is set.
    const applying = client === undefined ? settings.filter(({ scope }) => scope === 'all') : settings;
    return FLAG_NAMES.map((flag) => flagJson(flag, decide(flag, who, applying), settings));
  });
  const talk = terminal({ json: options.json ?? false, color: options.color });
  await talk.result({ ...(client !== undefined && { client }), flags }, (paint) =>
    table(
      [
        { title: 'FLAG' },
        { title: 'PHASE' },
        { title: client === undefined ? 'STATE' : `FOR ${client}` },
        { title: 'MEANS' },
        { title: 'EXCEPT' },
      ],
      flags.map((flag) => [
        flag.flag,
        String(flag.phase),
        flag.state === 'on' ? paint.green(flag.state) : flag.state === 'off' ? paint.yellow(flag.state) : flag.state,
        flag.means,
        exceptionsText(flag.settings),
      ]),
    ),
  );
}

export interface FlagSetOptions extends GlobalOptions {
  readonly client?: string;
  readonly group?: string;
  readonly percent?: number;
}

export async function flagSet(name: string, state: string, options: FlagSetOptions): Promise<void> {
  const { client, group, percent, ...global } = options;
  const flag = flagNamed(name);
  const scope = scopeOf({ client, group, percent });
  const on = stateOf(state);
  const now = await withStore(global, async (store) => {
    await store.setFlag(flag, scope, on, operator());
    return await store.flagSettings();
  });
  const everybody = now.filter((setting) => setting.scope === 'all');
  const shown = flagJson(flag, decide(flag, { client: '' }, everybody), now);
  await terminal({ json: options.json ?? false, color: options.color }).result(shown, () => {
    const what =
      on === null ? `has no setting for ${scopeText(scope)} any more` : `is ${state} for ${scopeText(scope)}`;
    const except = exceptionsText(shown.settings);
    return `${flag} ${what}${scope === 'all' && except !== '' ? ` (except ${except})` : ''}`;
  });
}

function scopeOf(given: {
  readonly client: string | undefined;
  readonly group: string | undefined;
  readonly percent: number | undefined;
}): FlagScope {
  const { client, group, percent } = given;
  if ([client, group, percent].filter((each) => each !== undefined).length > 1)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'One setting is for one scope.',
      hint: 'Give one of --client, --group and --percent, or none of them for everybody.',
    });
  if (client !== undefined) return { client };
  if (group !== undefined) return { group };
  return percent === undefined ? 'all' : { percentage: percent };
}

function stateOf(state: string): boolean | null {
  if (state === 'on') return true;
  if (state === 'off') return false;
  if (state === 'unset') return null;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `A flag cannot be ${JSON.stringify(state.slice(0, 80))}.`,
    hint: 'Use on, off, or unset to remove the setting.',
  });
}

export interface FlagHistoryOptions extends GlobalOptions {
  readonly limit: number;
}

export async function flagHistory(options: FlagHistoryOptions): Promise<void> {
  const changes = await withStore(options, (store) => store.flagChanges(options.limit));
  const told = changes.map(({ percentageBefore, ...change }) => ({
    ...change,
    ...(percentageBefore !== undefined && { percentage_before: percentageBefore }),
  }));
  await terminal({ json: options.json ?? false, color: options.color }).result({ changes: told }, () => {
    if (changes.length === 0) return 'Nobody has changed a flag.';
    const side = (on: boolean | undefined) => (on === undefined ? '-' : on ? 'on' : 'off');
    return table(
      [{ title: 'WHEN' }, { title: 'WHO' }, { title: 'FLAG' }, { title: 'FOR' }, { title: 'FROM' }, { title: 'TO' }],
      changes.map((change) => [
        new Date(change.at).toISOString(),
        change.by,
        change.flag,
        scopeText(change.scope),
        side(change.before) + (change.percentageBefore === undefined ? '' : ` ${change.percentageBefore}%`),
        side(change.after),
      ]),
    );
  });
}
