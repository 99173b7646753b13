import { LocalError } from '../engine/local-error.js';
import type { Exchange, WireState } from './exchange.js';
import { WireFailure } from './wire-failure.js';

/** Who says they are there, and how they prove it. */
export interface LoginAttempt {
  readonly user: string;
  readonly factor: string;
  readonly client: string;
  readonly clientVersion: string;
}

/** Puts a login into the account's log; `outcome` is its session's id, or what it failed with. */
export function recordLogin(
  { request }: Exchange,
  { engine }: WireState,
  attempt: LoginAttempt,
  outcome: string | Error | undefined,
): void {
  const failed = outcome instanceof Error ? outcome : undefined;
  engine.accessLog.record({
    ...attempt,
    type: 'login',
    address: addressOf(request.socket.remoteAddress),
    success: failed === undefined,
    ...(failed !== undefined && toldOf(failed)),
    ...(typeof outcome === 'string' && { sessionId: outcome }),
  });
}

/** Puts it into the log that a page of another site asked, or somebody by a name that is not this server's. */
export function recordForeign(remoteAddress: string | undefined, { engine }: WireState, from: string): void {
  engine.accessLog.record({
    type: 'origin',
    success: false,
    address: addressOf(remoteAddress),
    errorNumber: '390403',
    errorMessage: `Refused: ${from}`,
  });
}

function toldOf(failed: Error): { errorNumber: string; errorMessage: string } {
  if (failed instanceof WireFailure) return { errorNumber: failed.code, errorMessage: failed.message };
  if (failed instanceof LocalError) return { errorNumber: failed.number, errorMessage: failed.message };
  return { errorNumber: '370001', errorMessage: 'Internal error' };
}

/** IPv4 as such, also where a socket for both kinds carries it. */
function addressOf(remoteAddress: string | undefined): string {
  return (remoteAddress ?? '').replace(/^::ffff:/, '');
}
