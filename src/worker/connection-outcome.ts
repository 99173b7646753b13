import { errorDataOf } from '../errors/snow-error.js';
import type { ConnectionOutcome } from '../store/job-store.js';
import { LoginRefused } from '../warehouse/login-refused.js';
import { NoConnection } from '../warehouse/no-connection.js';
import { PinGone } from '../warehouse/pin-gone.js';
import { SessionLost } from '../warehouse/session-lost.js';

/**
 * What an attempt that failed says about the connection of its profile, for the breaker. A refusal is an answer, of whatever
 * kind; a cancel, a time-out and what happened on this side say nothing.
 */
export function connectionOutcome(profile: string, failure: unknown): { readonly connection?: ConnectionOutcome } {
  if (failure instanceof PinGone || failure instanceof NoConnection) return {};
  if (failure instanceof LoginRefused || failure instanceof SessionLost)
    return { connection: { profile, reached: true } };
  switch (errorDataOf(failure).code) {
    case 'SNOWFLAKE_ERROR':
      return { connection: { profile, reached: true } };
    case 'CONNECTION_FAILED':
      return { connection: { profile, reached: false } };
    default:
      return {};
  }
}
