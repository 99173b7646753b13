import type { ChalkInstance } from 'chalk';
import { readConnections, resolveProfile } from '../config/connections.js';
import { SnowError } from '../errors/snow-error.js';
import type { BreakerRecord } from '../store/breaker-store.js';
import { operator } from './flag.js';
import type { GlobalOptions } from './global-options.js';
import { breakerJson } from './json-names.js';
import { openStore } from './open-store.js';
import { duration, table } from './table.js';
import { terminal } from './terminal.js';
import { withStore } from './with-store.js';

/** Longest reason that is kept. */
const LONGEST_REASON = 200;

export async function breakerShow(connection: string | undefined, options: GlobalOptions): Promise<void> {
  const known = await withStore(options, (store) => store.breakers());
  const shown = connection === undefined ? known : known.filter(({ profile }) => profile === connection);
  if (connection !== undefined && shown.length === 0)
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `Nothing is known of a connection ${JSON.stringify(connection.slice(0, 80))}.`,
      hint: 'breaker show names those that were used while the flag circuit-breaker was on.',
    });
  await terminal({ json: options.json ?? false, color: options.color }).result(
    { breakers: shown.map(breakerJson) },
    (paint) => (shown.length === 0 ? 'No connection has been used yet.' : breakerTable(shown, paint)),
  );
}

export interface BreakerSetOptions extends GlobalOptions {
  readonly reason?: string;
  readonly hold?: boolean;
}

export async function breakerSet(
  connection: string | undefined,
  state: 'open' | 'closed',
  options: BreakerSetOptions,
): Promise<void> {
  const { reason, hold, ...global } = options;
  if (reason !== undefined && reason.length > LONGEST_REASON)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The reason has ${reason.length} characters.`,
      hint: `Give at most ${LONGEST_REASON}.`,
    });
  const { store, settings } = await openStore(global);
  let record: BreakerRecord;
  try {
    const { name } = resolveProfile(await readConnections(), connection ?? settings.connection);
    record = await store.setBreaker(name, state, {
      by: operator(),
      ...(reason !== undefined && { reason }),
      ...(hold !== undefined && { hold }),
    });
  } finally {
    await store.close();
  }
  await terminal({ json: options.json ?? false, color: options.color }).result(breakerJson(record), () => {
    if (state === 'open') return `Nothing is sent to ${record.profile} until breaker close ${record.profile}.`;
    const until = `${record.held ? 'whatever fails' : 'as long as it can be reached'}`;
    return `Statements are sent to ${record.profile}, ${until}.`;
  });
}

/** One line for each connection. */
export function breakerTable(breakers: readonly BreakerRecord[], paint: ChalkInstance): string {
  const now = Date.now();
  return table(
    [
      { title: 'CONNECTION' },
      { title: 'BREAKER' },
      { title: 'MODE' },
      { title: 'FAILED', align: 'right' },
      { title: 'SINCE', align: 'right' },
      { title: 'NEXT PROBE', align: 'right' },
      { title: 'BY' },
      { title: 'WHY' },
    ],
    breakers.map((breaker) => [
      breaker.profile,
      (breaker.state === 'closed' ? paint.green : paint.red)(breaker.held ? `held ${breaker.state}` : breaker.state),
      breaker.mode === 'normal' ? breaker.mode : paint.yellow(breaker.mode),
      `${breaker.failed}/${breaker.attempts}`,
      `${duration(Math.max(0, now - breaker.changedAt))} ago`,
      breaker.probing ? 'now' : breaker.probeInMs === undefined ? '-' : duration(breaker.probeInMs),
      breaker.changedBy ?? '-',
      breaker.reason ?? '-',
    ]),
  );
}
