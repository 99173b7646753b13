import type { ErrorData } from '../../errors/snow-error.js';
import { rateRefusal } from '../../limits/refusals.js';
import { availableTokens, type BucketState, type Taking, takeToken } from '../../limits/token-bucket.js';
import type { OperationClass, RateLimit } from '../usage-store.js';
import type { Engine } from './engine.js';
import type { LimitBook, LimitsInForce } from './usage-limits.js';

/** Stands for all clients together in `buckets`. */
const EVERYBODY = 0;

export interface Rates {
  /** What taking one token of the client's bucket and one of everybody's would come to: both, or neither with the reason. */
  ask(
    client: number,
    limits: LimitsInForce,
    operation: OperationClass,
  ): { readonly take: () => void } | { readonly refusal: ErrorData };
  available(client: number, operation: OperationClass, rate: RateLimit): number;
}

export function prepareRates(engine: Engine, book: LimitBook): Rates {
  const { db } = engine;
  const find = db.prepare<[number, OperationClass], BucketState>(
    'SELECT parts, per_ms AS perMs, at FROM buckets WHERE client = ? AND class = ?',
  );
  const save = db.prepare('INSERT OR REPLACE INTO buckets (client, class, parts, per_ms, at) VALUES (?, ?, ?, ?, ?)');

  function taking(client: number, operation: OperationClass, rate: RateLimit | undefined): Taking | undefined {
    return rate && takeToken(rate, find.get(client, operation), engine.now());
  }
  function write(client: number, operation: OperationClass, taken: Taking | undefined): void {
    if (taken?.taken === true) save.run(client, operation, taken.state.parts, taken.state.perMs, taken.state.at);
  }

  return {
    ask(client, limits, operation) {
      const rate = limits.rates[operation];
      const own = taking(client, operation, rate);
      if (rate !== undefined && own?.taken === false) {
        const { retryAfterMs } = own;
        return { refusal: rateRefusal({ client: limits.client, operation, rate, retryAfterMs }) };
      }
      const global = book.global(operation);
      const shared = taking(EVERYBODY, operation, global);
      if (global !== undefined && shared?.taken === false)
        return { refusal: rateRefusal({ operation, rate: global, retryAfterMs: shared.retryAfterMs }) };
      return {
        take() {
          write(client, operation, own);
          write(EVERYBODY, operation, shared);
        },
      };
    },
    available: (client, operation, rate) => availableTokens(rate, find.get(client, operation), engine.now()),
  };
}
