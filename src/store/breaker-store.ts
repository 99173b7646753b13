import type { BreakerState } from '../resilience/breaker.js';
import type { Mode } from '../resilience/degradation.js';

/** How well a connection profile can be reached, as all processes see it. */
export interface BreakerRecord {
  readonly profile: string;
  readonly state: BreakerState;
  /** In which its jobs are admitted. */
  readonly mode: Mode;
  /** Attempts within the rolling window, and those of them that did not reach the warehouse. */
  readonly attempts: number;
  readonly failed: number;
  /** Of the state, ms since the epoch. */
  readonly changedAt: number;
  /** It stays as it is until somebody says otherwise. */
  readonly held: boolean;
  /** Who changed the state; absent when it did so itself. */
  readonly changedBy?: string;
  readonly reason?: string;
  /** Until the next probe may go out, in ms; absent when none is to go out. */
  readonly probeInMs?: number;
  /** A probe is under way. */
  readonly probing: boolean;
  /** How much longer its jobs start slowly, in ms; absent when they do not. */
  readonly rampMs?: number;
}

export interface BreakerChange {
  readonly by: string;
  readonly reason?: string;
  /** It does not change by itself any more: open without probes, or closed whatever fails. Open always is. */
  readonly hold?: boolean;
}

/**
 * Breakers count in `settle`, refuse in `admit` and keep back in `claim`; here is what is left. While the flag
 * `circuit-breaker` is off there are none. Every change of state and mode leaves an entry in the audit.
 */
export interface BreakerStore {
  /** Of the profiles that were used, by name. */
  breakers(): Promise<readonly BreakerRecord[]>;
  /**
   * Whether this holder is to try now whether the profile can be reached: its breaker is not closed, the time has come, and
   * nobody else is trying. A holder that does not come back is given up.
   */
  takeProbe(profile: string, holder: string): Promise<boolean>;
  /** What became of it; nothing happens when the probe was given up meanwhile. */
  endProbe(profile: string, holder: string, reached: boolean): Promise<void>;
  /** Opens or closes it by hand. Throws `INVALID_ARGUMENT` while the flag is off. */
  setBreaker(profile: string, state: 'open' | 'closed', change: BreakerChange): Promise<BreakerRecord>;
}
