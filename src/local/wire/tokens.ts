import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { masterTokenExpired, sessionTokenExpired, tokenInvalid } from './wire-failure.js';

export interface TokenLifetimes {
  /** Seconds a session token is accepted; Snowflake's is 3600. */
  readonly sessionSeconds: number;
  /** Seconds a master token can renew session tokens; Snowflake's is 14400. */
  readonly masterSeconds: number;
}

export type TokenKind = 'session' | 'master';

export interface TokenPair extends TokenLifetimes {
  readonly token: string;
  readonly masterToken: string;
}

/**
 * Session and master tokens. A token says which session it is for and until when, signed with a key that dies with the
 * process, so nothing has to be remembered of sessions that are gone.
 */
export class Tokens {
  readonly #key = randomBytes(32);
  readonly #lifetimes: TokenLifetimes;
  readonly #now: () => number;

  /** `now` in milliseconds. */
  constructor(lifetimes: TokenLifetimes, now: () => number = Date.now) {
    this.#lifetimes = lifetimes;
    this.#now = now;
  }

  issue(sessionId: string): TokenPair {
    return {
      ...this.#lifetimes,
      token: this.#mint('session', sessionId, this.#lifetimes.sessionSeconds),
      masterToken: this.#mint('master', sessionId, this.#lifetimes.masterSeconds),
    };
  }

  /** The session's id. Throws 390104 for what is no token of ours, 390112 or 390114 for one that has expired. */
  verify(token: string, kind: TokenKind): string {
    const [body = '', signature = ''] = token.split('.', 2);
    const expected = this.#sign(body);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw tokenInvalid();
    const [tokenKind, expires = '', sessionId = ''] = Buffer.from(body, 'base64url').toString('utf8').split(' ', 3);
    if (tokenKind !== kind) throw tokenInvalid();
    if (Number(expires) <= this.#now()) throw kind === 'session' ? sessionTokenExpired() : masterTokenExpired();
    return sessionId;
  }

  #mint(kind: TokenKind, sessionId: string, seconds: number): string {
    const expires = Math.round(this.#now() + seconds * 1000);
    // Two tokens of one session and second must differ, or a renewal would hand out the one it replaces.
    const body = Buffer.from(`${kind} ${expires} ${sessionId} ${randomBytes(9).toString('base64url')}`);
    const encoded = body.toString('base64url');
    return `${encoded}.${this.#sign(encoded).toString('base64url')}`;
  }

  #sign(body: string): Buffer {
    return createHmac('sha256', this.#key).update(body).digest();
  }
}

/** The token in `Authorization: Snowflake Token="…"`; empty when there is none. */
export function tokenOfHeader(authorization: string | undefined): string {
  return /^Snowflake Token="([^"]*)"$/.exec(authorization ?? '')?.[1] ?? '';
}
