import type { BreakerStore } from '../store/breaker-store.js';

/** Share of a connection's recent attempts, of all processes, that did not reach the warehouse; `undefined` when not known. */
export type FailureRate = (profile: string) => Promise<number | undefined>;

/** As the breakers have counted it in their rolling window. */
export function failureRateOf(store: Pick<BreakerStore, 'breakers'>): FailureRate {
  return async (profile) => {
    try {
      const known = (await store.breakers()).find((breaker) => breaker.profile === profile);
      return known === undefined || known.attempts === 0 ? undefined : known.failed / known.attempts;
    } catch {
      // A store that does not answer will be told by what comes next; the pause needs no rate.
      return undefined;
    }
  };
}
