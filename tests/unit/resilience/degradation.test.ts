import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEGRADATION_POLICY,
  isWorse,
  type LoadSignals,
  type ModeState,
  nextMode,
} from '../../../src/resilience/degradation.js';

const policy = DEGRADATION_POLICY;
const CALM: LoadSignals = { queueAgeMs: 0, queueFill: 0, failureRate: 0, reachable: true };
const NORMAL: ModeState = { mode: 'normal', since: 0 };

/** The modes of a run in which the signals hold for so many seconds each, looked at every 500 ms. */
function modesOf(run: readonly (readonly [seconds: number, signals: Partial<LoadSignals>])[], from = NORMAL): string[] {
  let state = from;
  let now = from.since;
  const modes = [state.mode as string];
  for (const [seconds, signals] of run)
    for (let step = 0; step < seconds * 2; step += 1) {
      now += 500;
      state = nextMode(state, { ...CALM, ...signals }, now, policy);
      if (state.mode !== modes.at(-1)) modes.push(state.mode);
    }
  return modes;
}

describe('degradation', () => {
  it('goes through its modes as the load grows and falls', () => {
    const load = [
      [5, { queueAgeMs: 12_000 }],
      [5, { queueAgeMs: 40_000 }],
      [10, { queueAgeMs: 12_000 }],
      [10, {}],
    ] as const;
    expect(modesOf(load)).toEqual(['normal', 'conserving', 'critical', 'conserving', 'normal']);
  });

  it('takes each signal for itself', () => {
    expect(modesOf([[5, { queueFill: 1 }]])).toEqual(['normal', 'conserving']);
    expect(modesOf([[5, { failureRate: 0.3 }]])).toEqual(['normal', 'conserving']);
    expect(modesOf([[5, { failureRate: 0.45 }]])).toEqual(['normal', 'critical']);
  });

  it('follows the breaker at once', () => {
    const offline = nextMode(NORMAL, { ...CALM, reachable: false }, 10, policy);
    expect(offline).toEqual({ mode: 'offline', since: 10 });
    expect(nextMode(offline, { ...CALM, reachable: false }, 99_000, policy)).toBe(offline);
    expect(nextMode(offline, CALM, 11, policy)).toEqual({ mode: 'normal', since: 11 });
  });

  it('is not impressed by a moment', () => {
    expect(
      modesOf([
        [1, { queueAgeMs: 60_000 }],
        [1, {}],
        [1, { queueAgeMs: 60_000 }],
        [5, {}],
      ]),
    ).toEqual(['normal']);
  });

  it('does not leave a mode between its marks, nor before its time', () => {
    expect(
      modesOf([
        [3, { queueAgeMs: 12_000 }],
        [60, { queueAgeMs: 6_000 }],
      ]),
    ).toEqual(['normal', 'conserving']);
    const entered: ModeState = { mode: 'conserving', since: 100_000 };
    expect(nextMode(entered, CALM, 100_000 + policy.dwellMs - 1, policy).mode).toBe('conserving');
    expect(nextMode(entered, CALM, 100_000 + policy.dwellMs, policy).mode).toBe('normal');
  });

  const signals = fc.record({
    queueAgeMs: fc.integer({ min: 0, max: 90_000 }),
    queueFill: fc.double({ min: 0, max: 1, noNaN: true }),
    failureRate: fc.double({ min: 0, max: 1, noNaN: true }),
    reachable: fc.boolean(),
  });

  it('changes between load modes no faster than its patience, whatever the signals do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3_000), signals), { maxLength: 100 }), (steps) => {
        let state = NORMAL;
        let now = 0;
        for (const [afterMs, seen] of steps) {
          now += afterMs;
          const next = nextMode(state, seen, now, policy);
          expect(next.mode === 'offline').toBe(!seen.reachable);
          const loads = state.mode !== 'offline' && next.mode !== 'offline';
          if (loads && isWorse(state.mode, next.mode)) expect(now - state.since).toBeGreaterThanOrEqual(policy.dwellMs);
          if (loads && isWorse(next.mode, state.mode))
            expect(now - (state.rising?.since ?? now)).toBeGreaterThanOrEqual(policy.riseMs);
          state = next;
        }
      }),
    );
  });

  it('comes to rest under steady signals', () => {
    fc.assert(
      fc.property(signals, fc.constantFrom('normal', 'conserving', 'critical', 'offline'), (seen, mode) => {
        const modes = modesOf([[30, seen]], { mode: mode as ModeState['mode'], since: 0 });
        expect(modes.length).toBeLessThanOrEqual(3);
        expect(modesOf([[30, seen]], { mode: modes.at(-1) as ModeState['mode'], since: 0 })).toHaveLength(1);
      }),
    );
  });
});
