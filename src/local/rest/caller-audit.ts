import type { Exchange, WireState } from '../wire/exchange.js';
import { type LoginAttempt, recordLogin } from '../wire/login-audit.js';
import { type Caller, callerOf, claimedUser } from './caller.js';

/** Each request proves anew who sends it: that it could is told once in this time. */
const TOLD_AGAIN_MS = 600_000;
const MOST_TOLD = 1_000;

/** Lets callers in and tells the account's log of it: of each who is refused, and now and then of each who is not. */
export class CallerAudit {
  readonly #told = new Map<string, number>();

  /** Throws what `callerOf` throws. */
  admit(exchange: Exchange, state: WireState): Caller {
    const agent = /^([^/ ]*)\/?(\S*)/.exec(exchange.request.headers['user-agent'] ?? '') ?? [];
    const client = { client: agent[1] ?? '', clientVersion: agent[2] ?? '' };
    try {
      const caller = callerOf(exchange, state);
      // A session's token was given for a login that is in the log.
      if (caller.factor !== 'SESSION') this.#welcome(exchange, state, { ...client, ...caller });
      return caller;
    } catch (error) {
      const attempt = { ...client, user: claimedUser(exchange.request.headers), factor: 'NONE' };
      if (error instanceof Error) recordLogin(exchange, state, attempt, error);
      throw error;
    }
  }

  #welcome(exchange: Exchange, state: WireState, attempt: LoginAttempt): void {
    const key = JSON.stringify([attempt, exchange.request.socket.remoteAddress]);
    const now = Date.now();
    if (now - (this.#told.get(key) ?? 0) < TOLD_AGAIN_MS) return;
    if (this.#told.size >= MOST_TOLD) this.#told.clear();
    this.#told.set(key, now);
    recordLogin(exchange, state, attempt, undefined);
  }
}
