import type { ErrorData } from '../../errors/snow-error.js';
import { retryAfterMs } from '../../resilience/breaker.js';
import type { Mode } from '../../resilience/degradation.js';
import type { Priority } from '../job.js';
import { profileNeeded } from '../lane.js';
import type { KnownProfile } from './breaker-row.js';
import { type BreakerOperations, LOOK_EVERY_MS } from './breakers.js';
import type { Engine } from './engine.js';

/** What the state of a job's connection means for its admission. */
export type GuardVerdict =
  | { readonly refusal: ErrorData }
  /** Its client may have this share of its bound waiting. */
  | { readonly queueShare: number };

interface Glance {
  readonly mode: Mode;
  readonly isOn: number;
}

/** Shortest time to come back after in a mode that passes by itself, in ms. */
const COME_BACK_MS = 1_000;

/** What the breaker and the mode of its profile say about a job; one look at one row while all is well. */
export function prepareAdmissionGuard(
  engine: Engine,
  breakers: Pick<BreakerOperations, 'look'>,
): (job: { readonly lane: string; readonly priority: Priority; readonly startsLater: boolean }) => GuardVerdict {
  const { db, lease, degradation } = engine;
  const glance = db.prepare<[string, string, number], Glance>(
    `SELECT mode, coalesce((SELECT is_on FROM flags WHERE flag = 'circuit-breaker' AND scope = 'all' AND name = ''), 1) AS isOn
     FROM breakers WHERE profile = ? AND boot = ? AND looked_at > ?`,
  );
  const isOff = db
    .prepare<[], number>(
      "SELECT 1 FROM flags WHERE flag = 'circuit-breaker' AND scope = 'all' AND name = '' AND is_on = 0",
    )
    .pluck();

  return ({ lane, priority, startsLater }) => {
    const profile = profileNeeded(lane);
    if (profile === undefined) return ALL_WELL;
    const seen = glance.get(profile, lease.boot, lease.now() - LOOK_EVERY_MS);
    if (seen === undefined ? isOff.get() !== undefined : seen.isOn === 0 || seen.mode === 'normal') return ALL_WELL;
    const known = breakers.look(profile);
    const { mode } = known.mode;
    if (mode === 'normal') return ALL_WELL;
    // What is to start later may well find the connection restored.
    if (mode === 'offline') return startsLater ? ALL_WELL : { refusal: circuitOpen(known, lease.now()) };
    const admitted = mode === 'critical' ? priority === 'high' : priority !== 'low';
    if (admitted) return { queueShare: degradation.queueShare };
    const lastsMs = known.mode.since + degradation.dwellMs - lease.now();
    return { refusal: degraded(mode, Math.ceil(Math.max(COME_BACK_MS, lastsMs))) };
  };
}

const ALL_WELL: GuardVerdict = { queueShare: 1 };

function circuitOpen({ profile, breaker, held, reason }: KnownProfile, now: number): ErrorData {
  const name = `The connection "${profile}"`;
  if (held)
    return {
      code: 'CIRCUIT_OPEN',
      message: `${name} was closed down by whoever runs the server${reason === undefined ? '' : `: ${reason}`}.`,
      hint: 'Ask when it will be back; server_status shows when it is.',
      mode: 'offline',
    };
  const afterMs = retryAfterMs(breaker, now);
  const forS = Math.round((now - breaker.openedAt) / 1_000);
  return {
    code: 'CIRCUIT_OPEN',
    message: `${name} has not reached the warehouse for ${forS} s; nothing is sent until it does.`,
    hint: `Try again in ${(afterMs / 1_000).toFixed(1)} s. Listings (list_databases, describe_table, …) may answer from what was known before.`,
    retryAfterMs: afterMs,
    mode: 'offline',
  };
}

function degraded(mode: 'conserving' | 'critical', afterMs: number): ErrorData {
  return {
    code: 'DEGRADED',
    message:
      mode === 'critical'
        ? 'The system is overloaded and takes calls of high priority only.'
        : 'The system is under load and takes no calls of low priority.',
    hint: 'Try again later, or call with a higher priority if it matters; server_status shows the mode.',
    retryAfterMs: afterMs,
    mode,
  };
}
