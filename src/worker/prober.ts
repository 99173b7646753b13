import { SnowError } from '../errors/snow-error.js';
import type { BreakerRecord, BreakerStore } from '../store/breaker-store.js';
import { LoginRefused } from '../warehouse/login-refused.js';

export interface ProberOptions {
  readonly store: Pick<BreakerStore, 'breakers' | 'takeProbe' | 'endProbe'>;
  /** Names the one who probes. */
  readonly holder: string;
  /** Connection profiles that this process has a way to. */
  readonly profiles: readonly string[];
  /** Resolves when the warehouse answered. */
  readonly probe: (profile: string) => Promise<void>;
  /** More jobs may start than a moment ago, though nothing was written. */
  readonly onMore: () => void;
  readonly onFailure: (failure: unknown) => void;
}

/** Changes of the store are looked at this often at most, in ms. */
const SETTLING_MS = 50;

/** While a breaker is not closed it is looked at this often at least, in ms: whoever probes may be gone. */
const LOOK_AGAIN_MS = 1_000;

/** While jobs start slowly, in ms. */
const RAMP_STEP_MS = 50;

/** A probe that takes longer than this (ms) has failed. */
const PROBE_TIMEOUT_MS = 10_000;

/**
 * Finds out, for breakers that are not closed, whether the warehouse can be reached again: with a login of its own, so that
 * nobody's statement is put at risk for it. Does nothing while all is well and nothing changes.
 */
export class Prober {
  readonly #options: ProberOptions;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #looking = false;
  #stopped = false;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Something may have changed. */
  look(): void {
    if (!this.#looking) this.#arm(SETTLING_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(inMs: number): void {
    const at = performance.now() + inMs;
    if (this.#stopped || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      void this.#look();
    }, inMs).unref();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    let next = Number.POSITIVE_INFINITY;
    try {
      const known = await this.#options.store.breakers();
      const own = known.filter(({ profile }) => this.#options.profiles.includes(profile));
      for (const breaker of own) next = Math.min(next, await this.#attend(breaker));
    } catch (failure) {
      if (!this.#stopped) this.#options.onFailure(failure);
      next = LOOK_AGAIN_MS;
    } finally {
      this.#looking = false;
    }
    if (next < Number.POSITIVE_INFINITY) this.#arm(next);
  }

  /** Does what is to be done for it now; answers in how many ms to look again. */
  async #attend({ profile, state, probeInMs, rampMs }: BreakerRecord): Promise<number> {
    if (state === 'closed') {
      if (rampMs === undefined) return Number.POSITIVE_INFINITY;
      this.#options.onMore();
      return RAMP_STEP_MS;
    }
    if (probeInMs === undefined) return LOOK_AGAIN_MS;
    if (probeInMs > 0) return Math.min(Math.ceil(probeInMs), LOOK_AGAIN_MS);
    const { store, holder } = this.#options;
    if (this.#stopped || !(await store.takeProbe(profile, holder))) return LOOK_AGAIN_MS;
    await store.endProbe(profile, holder, await this.#isReached(profile));
    return 0;
  }

  async #isReached(profile: string): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const timeUp = (): void =>
        reject(new SnowError({ code: 'CONNECTION_FAILED', message: 'The probe took too long.' }));
      timer = setTimeout(timeUp, PROBE_TIMEOUT_MS).unref();
    });
    const probe = this.#options.probe(profile);
    probe.catch(() => {});
    try {
      await Promise.race([probe, late]);
      return true;
    } catch (failure) {
      // Whoever says no is there.
      return failure instanceof LoginRefused;
    } finally {
      clearTimeout(timer);
    }
  }
}
