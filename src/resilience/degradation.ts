/** From the best to the worst. */
const MODES = ['normal', 'conserving', 'critical', 'offline'] as const;
export type Mode = (typeof MODES)[number];

/** What the mode is worked out from. */
export interface LoadSignals {
  /** How long those that fair order would serve next have been waiting, in ms. */
  readonly queueAgeMs: number;
  /** Jobs that wait, as a share of those that may. */
  readonly queueFill: number;
  /** Share of recent attempts that did not reach the warehouse, 0 to 1. */
  readonly failureRate: number;
  /** False while the breaker is not closed. */
  readonly reachable: boolean;
}

/** A mode is entered when any of its signals is at its mark; an absent one never is. */
export type Marks = Partial<Omit<LoadSignals, 'reachable'>>;

export interface DegradationPolicy {
  readonly conserving: Marks;
  readonly critical: Marks;
  /** A mode is left when all its signals are below this share of their marks (0.5). */
  readonly leaveAt: number;
  /** A worse mode is entered when its mark has been reached for so long, in ms (2,000): a single moment is no overload. */
  readonly riseMs: number;
  /** A mode lasts at least so long, in ms (5,000). */
  readonly dwellMs: number;
  /** What a client may have waiting while the mode is not normal, as a share of its bound (0.5). */
  readonly queueShare: number;
}

/**
 * A full queue makes no mode critical: one client can fill it alone, and the shorter queue of `conserving` is what answers that.
 */
export const DEGRADATION_POLICY: DegradationPolicy = {
  conserving: { queueAgeMs: 10_000, queueFill: 0.9, failureRate: 0.25 },
  critical: { queueAgeMs: 30_000, failureRate: 0.4 },
  leaveAt: 0.5,
  riseMs: 2_000,
  dwellMs: 5_000,
  queueShare: 0.5,
};

/** All times in ms of one monotonic clock. */
export interface ModeState {
  readonly mode: Mode;
  readonly since: number;
  /** A worse mode whose marks are reached, and since when they have been. */
  readonly rising?: { readonly mode: Mode; readonly since: number } | undefined;
}

/**
 * The mode that follows from the one before and the signals. `offline` follows the breaker at once in both directions, for
 * the breaker has its own patience; between the others there is hysteresis: marks to leave are lower than those to enter, a
 * rise takes `riseMs`, and what was entered lasts `dwellMs`.
 */
export function nextMode(before: ModeState, signals: LoadSignals, now: number, policy: DegradationPolicy): ModeState {
  if (!signals.reachable) return before.mode === 'offline' ? before : { mode: 'offline', since: now };
  if (before.mode === 'offline') return { mode: wantedMode('normal', signals, policy), since: now };
  const wanted = wantedMode(before.mode, signals, policy);
  if (isWorse(wanted, before.mode)) {
    const rising = before.rising?.mode === wanted ? before.rising : { mode: wanted, since: now };
    return now - rising.since >= policy.riseMs ? { mode: wanted, since: now } : { ...before, rising };
  }
  if (wanted !== before.mode && now - before.since >= policy.dwellMs) return { mode: wanted, since: now };
  return before.rising === undefined ? before : { mode: before.mode, since: before.since };
}

function wantedMode(current: Mode, signals: LoadSignals, policy: DegradationPolicy): Mode {
  for (const mode of ['critical', 'conserving'] as const) {
    const share = isWorse(mode, current) ? 1 : policy.leaveAt;
    if (isReached(policy[mode], signals, share)) return mode;
  }
  return 'normal';
}

function isReached(marks: Marks, signals: LoadSignals, share: number): boolean {
  return (['queueAgeMs', 'queueFill', 'failureRate'] as const).some((name) => {
    const mark = marks[name];
    return mark !== undefined && signals[name] >= mark * share;
  });
}

export function isWorse(mode: Mode, than: Mode): boolean {
  return MODES.indexOf(mode) > MODES.indexOf(than);
}
