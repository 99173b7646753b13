import { createHash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { AccessScope } from '../engine/grants/rights-at-login.js';
import { Confinement, type ObjectPath, objectPath } from './confinement.js';
import { decodeJwt, fingerprintOf, isInTime, isSignedByKey, isSignedBySecret, publicKeyOf } from './jwt.js';
import type { AccessSettings } from './settings.js';

const digest = (text: string) => createHash('sha256').update(text).digest();

interface KnownUser {
  readonly name: string;
  readonly password: Buffer | undefined;
  readonly apiKey: Buffer | undefined;
  readonly key: string | undefined;
}

/** Public keys of a user that were set with SQL. */
export type KeysOf = (user: string) => readonly string[];

/** Tells who somebody is by what they know. Names are in upper case. */
export class Access {
  /** Nobody is let in without credentials. */
  readonly closed: boolean;
  readonly #users: readonly KnownUser[];
  readonly #jwt: AccessSettings['jwt'];
  readonly #keysOf: KeysOf;
  /** Whom no third party can name. */
  readonly #reserved: string | undefined;
  readonly #scopes: ReadonlyMap<string, AccessScope> | undefined;

  constructor(settings: AccessSettings | undefined, login: Login | undefined, keysOf: KeysOf) {
    this.closed = settings !== undefined || login !== undefined;
    const users = (settings?.users ?? []).map(({ name, password, api_key: apiKey, rsa_public_key: key }) => ({
      name: name.toUpperCase(),
      password: password === undefined ? undefined : digest(password),
      apiKey: apiKey === undefined ? undefined : digest(apiKey),
      key,
    }));
    const own = login === undefined ? undefined : digest(login.password);
    this.#users =
      login === undefined
        ? users
        : [...users, { name: login.user.toUpperCase(), password: own, apiKey: own, key: undefined }];
    this.#jwt = settings?.jwt;
    this.#reserved = login?.user.toUpperCase();
    this.#scopes = settings === undefined ? undefined : scopesOf(settings, login);
    this.#keysOf = keysOf;
  }

  /** What a user whom this server lets in may do, `byThirdParty` by a token of its; undefined where nobody is held back. */
  scopeOf(user: string, byThirdParty: boolean): AccessScope | undefined {
    if (this.#scopes === undefined) return undefined;
    return this.#scopes.get(user.toUpperCase()) ?? { roles: folded((byThirdParty && this.#jwt?.roles) || []) };
  }

  hasPassword(user: string, password: string): boolean {
    const given = digest(password);
    return this.#users.some(
      (one) => one.name === user.toUpperCase() && one.password !== undefined && timingSafeEqual(one.password, given),
    );
  }

  /** Whose API key this is. */
  ownerOfKey(apiKey: string): string | undefined {
    const given = digest(apiKey);
    return this.#users.find((one) => one.apiKey !== undefined && timingSafeEqual(one.apiKey, given))?.name;
  }

  /** Whom a third party's token is for. */
  bearer(token: string): string | undefined {
    const jwt = decodeJwt(token);
    const trusted = this.#jwt;
    if (jwt === undefined || trusted === undefined || !isInTime(jwt)) return undefined;
    const { secret, public_key: key, issuer, audience } = trusted;
    const signed =
      secret === undefined ? key !== undefined && isSignedByKey(jwt, publicKeyOf(key)) : isSignedBySecret(jwt, secret);
    const { iss, aud, sub } = jwt.claims;
    if (!signed || typeof sub !== 'string' || sub === '') return undefined;
    if (issuer !== undefined && iss !== issuer) return undefined;
    if (audience !== undefined && ![aud].flat().includes(audience)) return undefined;
    return sub.toUpperCase() === this.#reserved ? undefined : sub.toUpperCase();
  }

  /**
   * Whom a key-pair token is for, as Snowflake's clients make it: `iss` is `ACCOUNT.USER.SHA256:…`, signed with RS256. Where
   * everybody is let in, a user without keys needs none.
   */
  keyPair(token: string): string | undefined {
    const jwt = decodeJwt(token);
    const { iss, sub } = jwt?.claims ?? {};
    if (jwt === undefined || typeof iss !== 'string' || typeof sub !== 'string') return undefined;
    const user = /^[^.]+\.(.+)$/s.exec(sub)?.[1]?.toUpperCase();
    const print = /\.(SHA256:[^.]+)$/.exec(iss)?.[1];
    if (user === undefined || !iss.toUpperCase().startsWith(`${sub.toUpperCase()}.SHA256:`)) return undefined;
    const keys = this.#keys(user);
    if (keys.length === 0) return this.closed ? undefined : user;
    const right = keys.some((key) => fingerprintOf(key) === print && isSignedByKey(jwt, key));
    return right && isInTime(jwt) ? user : undefined;
  }

  #keys(user: string): KeyObject[] {
    const configured = this.#users.flatMap((one) => (one.name === user && one.key !== undefined ? [one.key] : []));
    return [...configured, ...this.#keysOf(user)].flatMap((text) => {
      try {
        return [publicKeyOf(text)];
      } catch {
        return [];
      }
    });
  }
}

const EVERYTHING = 'ACCOUNTADMIN';

/** One without roles who is confined to some places may do everything there; one without both has the roles that SQL gives. */
function scopesOf(settings: AccessSettings, login: Login | undefined): Map<string, AccessScope> {
  const scopes = new Map<string, AccessScope>();
  for (const { name, roles, read, write } of settings.users ?? []) {
    const confined = read !== undefined || write !== undefined;
    scopes.set(name.toUpperCase(), {
      roles: folded(roles ?? (confined ? [EVERYTHING] : [])),
      ...(confined && { confinement: new Confinement(pathsOf(read), pathsOf(write)) }),
    });
  }
  if (login !== undefined) scopes.set(login.user.toUpperCase(), { roles: [EVERYTHING] });
  return scopes;
}

function pathsOf(places: readonly string[] | undefined): ObjectPath[] {
  return (places ?? []).flatMap((place) => {
    const path = objectPath(place);
    return path === undefined ? [] : [path];
  });
}

/** Names of roles as SQL folds them. */
function folded(names: readonly string[]): string[] {
  return names.map((name) => (/^".+"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name.toUpperCase()));
}

/** The user and password that a server has for its own processes. */
export interface Login {
  readonly user: string;
  readonly password: string;
}
