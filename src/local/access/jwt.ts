import { createHash, createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

export interface Claims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  /** Seconds since 1970. */
  readonly exp?: number;
  readonly nbf?: number;
}

export interface Jwt {
  readonly algorithm: string;
  readonly claims: Claims;
  readonly signed: string;
  readonly signature: Buffer;
}

/** Clocks differ by this much, in seconds. */
const LEEWAY_S = 60;

/** The parts of a compact JWT, its signature not verified; undefined for what is none. */
export function decodeJwt(token: string): Jwt | undefined {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || signature === '') return undefined;
  try {
    const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg?: unknown };
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown;
    if (typeof alg !== 'string' || typeof claims !== 'object' || claims === null) return undefined;
    return { algorithm: alg, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') };
  } catch {
    return undefined;
  }
}

/** RS256 under this key. */
export function isSignedByKey(jwt: Jwt, key: KeyObject): boolean {
  return jwt.algorithm === 'RS256' && verify('sha256', Buffer.from(jwt.signed), key, jwt.signature);
}

/** HS256 under this secret. */
export function isSignedBySecret(jwt: Jwt, secret: string): boolean {
  if (jwt.algorithm !== 'HS256') return false;
  const expected = createHmac('sha256', secret).update(jwt.signed).digest();
  return expected.length === jwt.signature.length && timingSafeEqual(expected, jwt.signature);
}

/** It has an end that is not past, and its beginning is not to come. `now` in milliseconds. */
export function isInTime({ claims }: Jwt, now = Date.now()): boolean {
  const seconds = now / 1000;
  const { exp, nbf = 0 } = claims;
  return typeof exp === 'number' && exp > seconds - LEEWAY_S && nbf <= seconds + LEEWAY_S;
}

/** A public key as Snowflake's users have it: PEM, or its base64 alone. Throws for what is none, and for other keys than RSA. */
export function publicKeyOf(text: string): KeyObject {
  const base64 = text.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '');
  const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'rsa') throw new TypeError('not an RSA key');
  return key;
}

/** `SHA256:…`, as Snowflake names a public key. */
export function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(der).digest('base64')}`;
}
