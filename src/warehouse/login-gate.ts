import { createHash } from 'node:crypto';
import { SnowError } from '../errors/snow-error.js';
import { LoginRefused } from './login-refused.js';

/** First pause after a refused login, doubled with each further one, up to the longest, in ms. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 15 * 60_000;

interface Refusal {
  readonly failure: LoginRefused;
  readonly credentials: string;
  readonly at: number;
  readonly pauseMs: number;
}

/**
 * Lets logins of one profile through. Accounts lock a user after a few bad passwords, so until a login has succeeded they go
 * one by one, and after a refusal the same credentials are not tried again for a while: others get the refusal at once.
 * Changed credentials pass.
 */
export class LoginGate {
  readonly #now: () => number;
  #trusted = false;
  #refusal: Refusal | undefined;
  /** The one login under way while none has succeeded; it never rejects. */
  #trial: Promise<void> | undefined;

  /** @param now monotonic milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** `options` are what is logged in with; only a digest of them is kept. */
  async pass<T>(options: Readonly<Record<string, unknown>>, login: () => Promise<T>): Promise<T> {
    const credentials = digestOf(options);
    while (!this.#trusted && this.#trial !== undefined) await this.#trial;
    if (this.#trusted) return await this.#try(credentials, login);
    const trial = this.#try(credentials, login);
    this.#trial = trial.then(
      () => {},
      () => {},
    );
    return await trial.finally(() => {
      this.#trial = undefined;
    });
  }

  async #try<T>(credentials: string, login: () => Promise<T>): Promise<T> {
    const before = this.#refusal?.credentials === credentials ? this.#refusal : undefined;
    const waitMs = before === undefined ? 0 : before.at + before.pauseMs - this.#now();
    if (before !== undefined && waitMs > 0) throw asBefore(before, this.#now(), waitMs);
    try {
      const connection = await login();
      this.#trusted = true;
      this.#refusal = undefined;
      return connection;
    } catch (failure) {
      if (!(failure instanceof LoginRefused)) throw failure;
      this.#trusted = false;
      const ownPauseMs = before === undefined ? FIRST_PAUSE_MS : Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS);
      // Told where other processes are known, too.
      const pauseMs = failure.data.retryAfterMs ?? ownPauseMs;
      this.#refusal = { failure, credentials, at: this.#now(), pauseMs };
      throw new LoginRefused({ ...failure.data, retryAfterMs: pauseMs }, { cause: failure });
    }
  }
}

function asBefore({ failure, at }: Refusal, now: number, waitMs: number): SnowError {
  const agoS = Math.round((now - at) / 1_000);
  const inS = Math.ceil(waitMs / 1_000);
  return new LoginRefused({
    ...failure.data,
    message: `${failure.message} (refused ${agoS} s ago; not tried again for ${inS} s, so that the user is not locked)`,
    retryAfterMs: Math.ceil(waitMs),
  });
}

function digestOf(options: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify(options)).digest('hex');
}
