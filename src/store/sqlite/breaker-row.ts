import { type Breaker, type BreakerPolicy, type BreakerState, bucketOf, type Tally } from '../../resilience/breaker.js';
import type { Mode, ModeState } from '../../resilience/degradation.js';
import type { Engine } from './engine.js';

/** A row of `breakers`; its times are of the clock of `boot`. */
interface BreakerRow {
  readonly profile: string;
  readonly boot: string;
  readonly state: BreakerState;
  readonly bucket: number;
  readonly reached: number;
  readonly failed: number;
  readonly earlier: string;
  readonly failures_in_row: number;
  readonly opened_at: number;
  readonly probe_at: number;
  readonly passed: number;
  readonly probe_holder: string | null;
  readonly probe_until: number | null;
  readonly closed_at: number | null;
  readonly held: number;
  readonly changed_at: number;
  readonly changed_by: string | null;
  readonly reason: string | null;
  readonly mode: Mode;
  readonly mode_since: number;
  readonly rising: Mode | null;
  readonly rising_since: number | null;
  readonly looked_at: number;
}

/** What the store knows of one connection profile, on the clock of this boot. */
export interface KnownProfile {
  readonly profile: string;
  readonly breaker: Breaker;
  readonly held: boolean;
  /** Of the breaker's state, ms since the epoch. */
  readonly changedAt: number;
  readonly changedBy?: string | undefined;
  readonly reason?: string | undefined;
  readonly mode: ModeState;
  /** When the mode was last worked out. */
  readonly lookedAt: number;
}

export interface BreakerRows {
  find(profile: string): KnownProfile | undefined;
  all(): readonly KnownProfile[];
  save(known: KnownProfile): void;
}

export function prepareBreakerRows({ db, lease, breaker: policy }: Engine): BreakerRows {
  const find = db.prepare<[string], BreakerRow>('SELECT * FROM breakers WHERE profile = ?');
  const all = db.prepare<[], BreakerRow>('SELECT * FROM breakers ORDER BY profile');
  const save = db.prepare(
    `INSERT OR REPLACE INTO breakers (profile, boot, state, bucket, reached, failed, earlier, failures_in_row, opened_at,
       probe_at, passed, probe_holder, probe_until, closed_at, held, changed_at, changed_by, reason, mode, mode_since, rising,
       rising_since, looked_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
  );
  const here = (row: BreakerRow): KnownProfile =>
    row.boot === lease.boot ? knownOf(row) : sinceReboot(knownOf(row), lease.now());
  return {
    find: (profile) => {
      const row = find.get(profile);
      return row && here(row);
    },
    all: () => all.all().map(here),
    save: ({ profile, breaker, held, changedAt, changedBy, reason, mode, lookedAt }) => {
      const [earlier, current] = splitTallies(breaker.tallies, lease.now(), policy);
      save.run(
        profile,
        lease.boot,
        breaker.state,
        current.bucket,
        current.reached,
        current.failed,
        JSON.stringify(earlier.map((tally) => [tally.bucket, tally.reached, tally.failed])),
        breaker.failuresInRow,
        breaker.openedAt,
        breaker.probeAt,
        breaker.passed,
        breaker.probe?.holder ?? null,
        breaker.probe?.until ?? null,
        breaker.closedAt ?? null,
        held ? 1 : 0,
        changedAt,
        changedBy ?? null,
        reason ?? null,
        mode.mode,
        mode.since,
        mode.rising?.mode ?? null,
        mode.rising?.since ?? null,
        lookedAt,
      );
    },
  };
}

function knownOf(row: BreakerRow): KnownProfile {
  const earlier = (JSON.parse(row.earlier) as readonly (readonly [number, number, number])[]).map(
    ([bucket, reached, failed]) => ({ bucket, reached, failed }),
  );
  const current = { bucket: row.bucket, reached: row.reached, failed: row.failed };
  return {
    profile: row.profile,
    breaker: {
      state: row.state,
      tallies: current.reached + current.failed === 0 ? earlier : [...earlier, current],
      failuresInRow: row.failures_in_row,
      openedAt: row.opened_at,
      probeAt: row.probe_at,
      passed: row.passed,
      probe:
        row.probe_holder === null || row.probe_until === null
          ? undefined
          : { holder: row.probe_holder, until: row.probe_until },
      closedAt: row.closed_at ?? undefined,
    },
    held: row.held === 1,
    changedAt: row.changed_at,
    changedBy: row.changed_by ?? undefined,
    reason: row.reason ?? undefined,
    mode: {
      mode: row.mode,
      since: row.mode_since,
      rising:
        row.rising === null || row.rising_since === null ? undefined : { mode: row.rising, since: row.rising_since },
    },
    lookedAt: row.looked_at,
  };
}

/** Times of another boot mean nothing here: what was counted is forgotten, and what was open is probed at once. */
function sinceReboot(known: KnownProfile, now: number): KnownProfile {
  const { state } = known.breaker;
  const since = state === 'closed' ? 0 : now;
  return {
    ...known,
    breaker: { state, tallies: [], failuresInRow: 0, openedAt: since, probeAt: since, passed: 0 },
    mode: { mode: known.mode.mode, since: now },
    lookedAt: Number.NEGATIVE_INFINITY,
  };
}

function splitTallies(
  tallies: readonly Tally[],
  now: number,
  policy: BreakerPolicy,
): readonly [earlier: readonly Tally[], current: Tally] {
  const bucket = bucketOf(now, policy);
  const last = tallies.at(-1);
  if (last?.bucket === bucket) return [tallies.slice(0, -1), last];
  return [tallies, { bucket, reached: 0, failed: 0 }];
}
