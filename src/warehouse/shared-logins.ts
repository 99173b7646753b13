import { createHash, randomUUID, scrypt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LeaseStore } from '../store/lease-store.js';
import type { LoginStore } from '../store/login-store.js';
import { LoginRefused } from './login-refused.js';

/** Credentials accepted so lately (ms) are taken for good: logins with them go side by side. */
const TRUSTED_MS = 60_000;
/** A process that tries a login and is not heard of for this long (ms) is given up: it may have been killed meanwhile. */
const TRIAL_MS = 3_000;
/** How long others wait for it at most (ms), and how often they look. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 100;

const slowHash = promisify<string, string, number, Buffer>(scrypt);

/**
 * What all processes know of logins. Each of them keeps to its `LoginGate`; this keeps twenty that start at once from locking
 * the user with twenty bad passwords: they try one at a time until one has got in, and after a refusal nobody tries the same
 * for a while.
 */
export class SharedLogins {
  readonly #store: LoginStore & LeaseStore;
  /** Names by the digest of what they name. */
  readonly #names = new Map<string, Promise<string>>();
  readonly #holder = randomUUID();

  constructor(store: LoginStore & LeaseStore) {
    this.#store = store;
  }

  /** Throws `LoginRefused` without a login where one with these options was refused lately. */
  async pass<T>(options: Readonly<Record<string, unknown>>, login: () => Promise<T>): Promise<T> {
    const credentials = await this.#nameOf(options);
    const resource = `login:${credentials}`;
    const mine = await this.#turn(credentials, resource);
    const keeping = mine ? setInterval(() => this.#keep(resource), TRIAL_MS / 3) : undefined;
    try {
      const connection = await login();
      const last = await this.#store.lastLogin(credentials);
      const noted = last !== undefined && 'acceptedAgoMs' in last && last.acceptedAgoMs < TRUSTED_MS / 2;
      if (!noted) await this.#store.loginAccepted(credentials);
      return connection;
    } catch (failure) {
      if (!(failure instanceof LoginRefused)) throw failure;
      const retryAfterMs = await this.#store.loginRefused(credentials, failure.data);
      throw new LoginRefused({ ...failure.data, retryAfterMs }, { cause: failure });
    } finally {
      clearInterval(keeping);
      if (mine) await this.#store.releaseLease(resource, this.#holder);
    }
  }

  /** A store that does not answer is asked again; at worst somebody else tries as well. */
  #keep(resource: string): void {
    this.#store.renewLease(resource, this.#holder, TRIAL_MS).catch(() => {});
  }

  /** Waits until a login may be tried; true when it is this process's turn alone. */
  async #turn(credentials: string, resource: string): Promise<boolean> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const last = await this.#store.lastLogin(credentials);
      if (last !== undefined && 'refused' in last && last.waitMs > 0) throw asBefore(last);
      if (last !== undefined && 'acceptedAgoMs' in last && last.acceptedAgoMs < TRUSTED_MS) return false;
      if ((await this.#store.acquireLease(resource, this.#holder, TRIAL_MS)) !== undefined) return true;
      if (performance.now() > until) return false;
      await delay(LOOK_MS);
    }
  }

  #nameOf(options: Readonly<Record<string, unknown>>): Promise<string> {
    const text = JSON.stringify(options);
    const digest = createHash('sha256').update(text).digest('hex');
    let name = this.#names.get(digest);
    if (name === undefined) {
      name = credentialsName(options, text);
      this.#names.clear();
      this.#names.set(digest, name);
    }
    return name;
  }
}

/**
 * Who logs in where, and 16 bits of a slow hash of all the rest: enough to notice other credentials, far too few to find a
 * password by.
 */
async function credentialsName(options: Readonly<Record<string, unknown>>, all: string): Promise<string> {
  const who = JSON.stringify(
    ['account', 'accessUrl', 'username', 'authenticator', 'role'].map((name) => withoutLogin(options[name])),
  );
  const place = createHash('sha256').update(who).digest('hex').slice(0, 32);
  const rest = await slowHash(all, `mcp-snow ${who}`, 2);
  return `${place}-${rest.toString('hex')}`;
}

/** An address may hold a password. */
function withoutLogin(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\/\/[^/]*@/, '//') : value;
}

function asBefore(last: { readonly refused: LoginRefused['data']; readonly waitMs: number }): LoginRefused {
  const { hint } = last.refused;
  const told =
    'Another process was refused with the same; it is not tried again at once, so that the user is not locked.';
  return new LoginRefused({
    ...last.refused,
    hint: hint === undefined ? told : `${hint} ${told}`,
    retryAfterMs: Math.ceil(last.waitMs),
  });
}
