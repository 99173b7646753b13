import {
  type CipherGCM,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  type DecipherGCM,
  pbkdf2Sync,
  randomBytes,
} from 'node:crypto';

/** A block cipher mode, with `/NONE` where the caller pads ECB's or CBC's blocks himself. */
export type CipherMethod = 'ECB' | 'CBC' | 'GCM' | 'CTR' | 'OFB' | 'CFB' | 'ECB/NONE' | 'CBC/NONE';

/** What an encryption gives; `tag` is empty but for GCM, `iv` for ECB. */
export interface Encrypted {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Key, initialization vector or value do not fit the method, or what was encrypted is not what it says. */
export class CipherProblem extends Error {}

const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
const KEY_BYTES: readonly number[] = [16, 24, 32];

/** Bytes of the initialization vector, as Snowflake documents them for ENCRYPT_RAW. */
function ivBytes(method: CipherMethod): number {
  if (method === 'GCM') return 12;
  return method.startsWith('ECB') ? 0 : 16;
}

/**
 * AES-256's key for a passphrase, always the same for the same one, by PBKDF2 (RFC 8018) with SHA-256. Snowflake's own seed is not
 * known, so that neither reads what the other has encrypted.
 */
export function keyOfPassphrase(passphrase: string): Uint8Array {
  return pbkdf2Sync(passphrase, 'mcp-snow local Snowflake', 1_000, 32, 'sha256');
}

/** An empty `iv` stands for a new random one. */
export function encrypt(
  value: Uint8Array,
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  method: CipherMethod,
): Encrypted {
  const used = iv.length === 0 || method.startsWith('ECB') ? randomBytes(ivBytes(method)) : iv;
  assertFits(key, used, aad, method);
  const cipher = createCipheriv(algorithm(key, method), key, used) as CipherGCM;
  if (method === 'GCM') cipher.setAAD(aad);
  if (method.endsWith('/NONE')) {
    if (value.length % BLOCK_BYTES !== 0)
      throw new CipherProblem('Encryption failed: without padding the value needs a multiple of 16 bytes');
    cipher.setAutoPadding(false);
  }
  const ciphertext = Buffer.concat([cipher.update(value), cipher.final()]);
  return { iv: used, ciphertext, tag: method === 'GCM' ? cipher.getAuthTag() : new Uint8Array() };
}

export function decrypt(
  { iv, ciphertext, tag }: Encrypted,
  key: Uint8Array,
  aad: Uint8Array,
  method: CipherMethod,
): Uint8Array {
  const used = method.startsWith('ECB') ? new Uint8Array() : iv;
  assertFits(key, used, aad, method);
  try {
    const decipher = createDecipheriv(algorithm(key, method), key, used, {
      authTagLength: TAG_BYTES,
    } as object) as DecipherGCM;
    if (method === 'GCM') decipher.setAAD(aad).setAuthTag(tag);
    if (method.endsWith('/NONE')) decipher.setAutoPadding(false);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    throw new CipherProblem('Decryption failed. Check encrypted data, key, AAD, or AEAD tag.');
  }
}

/** ENCRYPT's value: initialization vector, ciphertext and tag behind each other. */
export function joined({ iv, ciphertext, tag }: Encrypted): Uint8Array {
  return Buffer.concat([iv, ciphertext, tag]);
}

export function parted(bytes: Uint8Array, method: CipherMethod): Encrypted {
  const start = ivBytes(method);
  const end = bytes.length - (method === 'GCM' ? TAG_BYTES : 0);
  if (end < start) throw new CipherProblem('Decryption failed. Check encrypted data, key, AAD, or AEAD tag.');
  return { iv: bytes.subarray(0, start), ciphertext: bytes.subarray(start, end), tag: bytes.subarray(end) };
}

function algorithm(key: Uint8Array, method: CipherMethod): CipherGCMTypes {
  return `aes-${key.length * 8}-${method.slice(0, 3).toLowerCase()}` as CipherGCMTypes;
}

function assertFits(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, method: CipherMethod): void {
  if (!KEY_BYTES.includes(key.length))
    throw new CipherProblem(`Invalid key: ${key.length} bytes, but AES takes 16, 24 or 32`);
  if (iv.length !== ivBytes(method))
    throw new CipherProblem(
      `Invalid initialization vector: ${iv.length} bytes, but AES-${method} takes ${ivBytes(method)}`,
    );
  if (aad.length > 0 && method !== 'GCM')
    throw new CipherProblem(`Additional authenticated data is for AES-GCM alone, not for AES-${method}`);
}
