import { SnowError } from '../../errors/snow-error.js';
import {
  type Breaker,
  beginProbe,
  bucketOf,
  closeBreaker,
  endProbe,
  NEW_BREAKER,
  openBreaker,
  recordOutcome,
  windowTotals,
} from '../../resilience/breaker.js';
import { nextMode } from '../../resilience/degradation.js';
import type { BreakerChange, BreakerRecord } from '../breaker-store.js';
import type { ConnectionOutcome } from '../job-store.js';
import type { AuditOperations } from './audit.js';
import { type KnownProfile, prepareBreakerRows } from './breaker-row.js';
import type { Engine } from './engine.js';
import { prepareSystemFlag } from './flags.js';
import { prepareLoadSignals } from './load-signals.js';
import { prepareReconnected } from './reconnected.js';

/** How often the mode of a profile is worked out at most, in ms. */
export const LOOK_EVERY_MS = 1_000;

export interface BreakerOperations {
  /** Of an attempt that took so many ms. */
  outcome(connection: ConnectionOutcome, ranMs: number): void;
  takeProbe(profile: string, holder: string): boolean;
  endProbe(profile: string, holder: string, reached: boolean): void;
  set(profile: string, state: 'open' | 'closed', change: BreakerChange): BreakerRecord;
  list(): readonly BreakerRecord[];
  /** With its mode as it is now, which is worked out again where that was too long ago. */
  look(profile: string): KnownProfile;
}

/** Counts, opens and closes; every change of a state or mode is told to the audit in the same transaction. */
export function prepareBreakers(engine: Engine, audit: AuditOperations): BreakerOperations {
  const { db, lease, breaker: policy, degradation } = engine;
  const rows = prepareBreakerRows(engine);
  const signalsOf = prepareLoadSignals(engine);
  const isOn = prepareSystemFlag(engine, 'circuit-breaker');
  const reconnected = prepareReconnected(engine);
  // Nearly every outcome is this one, and it has no other effect than this.
  const reachedAgain = db.prepare(
    `UPDATE breakers SET reached = reached + 1 WHERE profile = ? AND boot = ? AND bucket = ? AND state = 'closed'
       AND failures_in_row = 0 AND coalesce(closed_at <= ?, 1)
       AND NOT EXISTS (SELECT 1 FROM flags WHERE flag = 'circuit-breaker' AND scope = 'all' AND name = '' AND is_on = 0)`,
  );

  const knownOf = (profile: string): KnownProfile =>
    rows.find(profile) ?? {
      profile,
      breaker: NEW_BREAKER,
      held: false,
      changedAt: engine.now(),
      mode: { mode: 'normal', since: lease.now() },
      lookedAt: Number.NEGATIVE_INFINITY,
    };

  const told = (profile: string, tool: 'breaker' | 'degradation', what: string, by?: string): void =>
    audit.record({ client: by ?? '', tool, reason: `${profile}: ${what}`, outcome: 'succeeded' });

  function withMode(known: KnownProfile): KnownProfile {
    const now = lease.now();
    const signals = signalsOf(known);
    const mode = nextMode(known.mode, signals, now, degradation);
    if (mode.mode !== known.mode.mode) {
      const { queueAgeMs, queueFill, failureRate } = signals;
      const why = `longest wait ${seconds(queueAgeMs)} s, queue ${percent(queueFill)} full, ${percent(failureRate)} of attempts failed`;
      const cut = known.held ? 'held open' : 'it cannot be reached';
      told(known.profile, 'degradation', `${mode.mode} (${signals.reachable ? why : cut})`);
    }
    return { ...known, mode, lookedAt: now };
  }

  /** Keeps a change that came about by itself. */
  function keep(known: KnownProfile, breaker: Breaker, why: (before: Breaker) => string): void {
    const before = known.breaker;
    if (breaker === before) return;
    if (breaker.state === before.state) return rows.save({ ...known, breaker });
    // Half-open and open again: the outage goes on, and a probe every now and then is no event.
    const isEvent = breaker.state === 'closed' || before.state === 'closed';
    const reason = isEvent ? why(before) : known.reason;
    if (isEvent) told(known.profile, 'breaker', `${breaker.state}, ${reason}`);
    rows.save(
      withMode({
        ...known,
        breaker,
        reason,
        changedAt: engine.now(),
        changedBy: undefined,
      }),
    );
    if (breaker.state === 'closed') reconnected(known.profile);
  }

  function recordOf(known: KnownProfile): BreakerRecord {
    const { profile, breaker, held, changedAt, changedBy, reason } = known;
    const now = lease.now();
    const probing = breaker.probe !== undefined && breaker.probe.until > now;
    const ramp = breaker.closedAt === undefined ? 0 : breaker.closedAt + policy.rampMs - now;
    const mode = nextMode(known.mode, signalsOf(known), now, degradation).mode;
    return {
      profile,
      state: breaker.state,
      mode,
      ...windowTotals(breaker, now, policy),
      changedAt,
      held,
      ...(changedBy !== undefined && { changedBy }),
      ...(reason !== undefined && { reason }),
      ...(breaker.state !== 'closed' && !held && !probing && { probeInMs: Math.max(0, breaker.probeAt - now) }),
      probing,
      ...(breaker.state === 'closed' && ramp > 0 && { rampMs: ramp }),
    };
  }

  return {
    outcome: ({ profile, reached }, ranMs) => {
      const now = lease.now();
      if (reached && reachedAgain.run(profile, lease.boot, bucketOf(now, policy), now - ranMs).changes > 0) return;
      if (!isOn()) return;
      const known = knownOf(profile);
      const never = { ...policy, failureRate: Number.POSITIVE_INFINITY, inRow: Number.POSITIVE_INFINITY };
      const breaker = recordOutcome(known.breaker, { reached, now, ranMs }, known.held ? never : policy);
      keep(known, breaker, (before) => {
        const { attempts, failed } = windowTotals(before, now, policy);
        return `${failed + 1} of the last ${attempts + 1} attempts did not reach the warehouse`;
      });
    },
    takeProbe: (profile, holder) => {
      if (!isOn()) return false;
      const known = rows.find(profile);
      if (known === undefined || known.held) return false;
      const breaker = beginProbe(known.breaker, holder, lease.now(), policy);
      if (breaker === undefined) return false;
      keep(known, breaker, () => '');
      return true;
    },
    endProbe: (profile, holder, reached) => {
      const known = rows.find(profile);
      if (known === undefined || known.held) return;
      const now = lease.now();
      const breaker = endProbe(known.breaker, { holder, reached, now }, policy);
      keep(known, breaker, ({ openedAt }) => `reached again after ${seconds(now - openedAt)} s`);
    },
    set: (profile, state, { by, reason, hold = false }) => {
      if (!isOn())
        throw new SnowError({
          code: 'INVALID_ARGUMENT',
          message: 'There is no breaker: the flag circuit-breaker is off.',
          hint: 'Switch it on first: flag set circuit-breaker on.',
        });
      const known = knownOf(profile);
      const now = lease.now();
      const breaker = state === 'open' ? openBreaker(known.breaker, now, policy) : closeBreaker(now);
      const held = state === 'open' || hold;
      told(profile, 'breaker', `${held ? 'held ' : ''}${state}${reason === undefined ? '' : `, ${reason}`}`, by);
      const changed = withMode({ ...known, breaker, held, changedAt: engine.now(), changedBy: by, reason });
      rows.save(changed);
      if (state === 'closed') reconnected(profile);
      return recordOf(changed);
    },
    list: () => (isOn() ? rows.all().map(recordOf) : []),
    look: (profile) => {
      const known = knownOf(profile);
      if (lease.now() - known.lookedAt < LOOK_EVERY_MS) return known;
      const looked = withMode(known);
      rows.save(looked);
      return looked;
    },
  };
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(ms < 10_000 ? 1 : 0);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
