/** Below this a clock is put right, not moved, in ms. */
const STEP_MS = 2_000;

/** A step forward by more may be a mistake that is put right soon, in ms. */
const LARGE_STEP_MS = 3_600_000;

/** How long nothing is deleted for its age after such a step, in ms. */
const HOLD_MS = 600_000;

/** Notices steps of the wall clock by the monotonic one. A machine that slept looks like a step forward, which does no harm. */
export class ClockWatch {
  readonly #now: () => number;
  readonly #monotonic: () => number;
  #offset: number;
  #heldUntil = Number.NEGATIVE_INFINITY;

  constructor(now: () => number, monotonic: () => number) {
    this.#now = now;
    this.#monotonic = monotonic;
    this.#offset = now() - monotonic();
  }

  /** True once after the wall clock was set back. */
  wasSetBack(): boolean {
    const at = this.#monotonic();
    const offset = this.#now() - at;
    const stepMs = offset - this.#offset;
    this.#offset = offset;
    if (stepMs > LARGE_STEP_MS) this.#heldUntil = at + HOLD_MS;
    if (stepMs < -LARGE_STEP_MS) this.#heldUntil = Number.NEGATIVE_INFINITY;
    return stepMs < -STEP_MS;
  }

  /** False for a while after a large step forward: what looks old then may not be. */
  get agesHold(): boolean {
    return this.#monotonic() >= this.#heldUntil;
  }
}
