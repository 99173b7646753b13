import { SnowError } from '../errors/snow-error.js';
import { HostError } from '../local/host/host-error.js';

/** The local Snowflake knows no error of ours: what it says of its process, as `CONNECTION_FAILED`. */
export function hostFailure(thrown: unknown): unknown {
  if (!(thrown instanceof HostError)) return thrown;
  return new SnowError({ code: 'CONNECTION_FAILED', message: thrown.message, hint: thrown.hint }, { cause: thrown });
}
