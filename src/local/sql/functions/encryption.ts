import { BINARY, type Typed, typed, VARIANT } from '../emit/typed.js';
import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { type Call, type FunctionTable, rule } from './call.js';

const NO_BYTES = "''::BLOB";

/** Text as UTF-8, BINARY as it is. */
function bytes(call: Call, i: number): string {
  const { type, sql } = call.arg(i);
  return type.name === 'BINARY' ? sql : `encode(${call.text(i)})`;
}

const orNone = (call: Call, i: number | undefined): string =>
  i === undefined || !call.has(i) ? NO_BYTES : `coalesce(${bytes(call, i)}, ${NO_BYTES})`;

/** `AES[-mode][/pad:padding]` as `CipherMethod` writes it; GCM and PKCS where nothing is said. */
function methodOf(text: string): string | undefined {
  const match = /^AES(?:-(ECB|CBC|GCM|CTR|OFB|CFB))?\s*(?:\/\s*PAD\s*:\s*(PKCS|NONE))?$/i.exec(text.trim());
  if (match === null) return undefined;
  const mode = (match[1] ?? 'GCM').toUpperCase();
  return match[2]?.toUpperCase() === 'NONE' && (mode === 'ECB' || mode === 'CBC') ? `${mode}/NONE` : mode;
}

function method(call: Call, i: number | undefined): string {
  if (i === undefined || !call.has(i)) return "'GCM'";
  const found = methodOf(call.word(i));
  if (found === undefined) throw unsupported(`encryption method ${duckString(call.word(i))}`);
  return duckString(found);
}

const isMethod = (call: Call, i: number): boolean => {
  const { literal } = call.arg(i);
  return typeof literal === 'string' && methodOf(literal) !== undefined;
};

/** Where ENCRYPT's and DECRYPT's optional arguments stand: a single one may be either. */
function withPassphrase(call: Call): string {
  const onlyMethod = call.count === 3 && isMethod(call, 2);
  const [aad, methodAt] = onlyMethod ? [undefined, 2] : [2, 3];
  return `${bytes(call, 0)}, ${call.text(1)}, ${orNone(call, aad)}, ${method(call, methodAt)}`;
}

/** The method is the one text behind the three bytes; AAD stands before it, the tag behind. A single BINARY of DECRYPT_RAW is the tag. */
function withKey(call: Call, alone: 'aad' | 'tag'): { keyed: string; aad: string; tag: string; method: string } {
  const extra = Array.from({ length: Math.max(0, call.count - 3) }, (_, i) => i + 3);
  const methodAt = extra.find((i) => call.arg(i).type.name === 'TEXT');
  const [before, after] =
    methodAt !== undefined
      ? [methodAt === 3 ? undefined : 3, methodAt + 1]
      : extra.length === 1 && alone === 'tag'
        ? [undefined, 3]
        : [3, 5];
  return {
    keyed: `${bytes(call, 0)}, ${bytes(call, 1)}, ${orNone(call, 2)}`,
    aad: orNone(call, before),
    tag: orNone(call, after),
    method: method(call, methodAt),
  };
}

const decrypting = (lenient: boolean) =>
  rule(2, 4, (call): Typed => typed(`decrypt_by_passphrase(${withPassphrase(call)}, ${lenient})`, BINARY, true));

const decryptingRaw = (lenient: boolean) =>
  rule(3, 6, (call): Typed => {
    const { keyed, aad, tag, method } = withKey(call, 'tag');
    return typed(`decrypt_by_key(${keyed}, ${aad}, ${tag}, ${method}, ${lenient})`, BINARY, true);
  });

export const ENCRYPTION: FunctionTable = {
  ENCRYPT: rule(2, 4, (call) => typed(`encrypt_by_passphrase(${withPassphrase(call)})`, BINARY, true)),
  DECRYPT: decrypting(false),
  TRY_DECRYPT: decrypting(true),
  ENCRYPT_RAW: rule(3, 5, (call) => {
    const { keyed, aad, method } = withKey(call, 'aad');
    return typed(`CAST(encrypt_by_key(${keyed}, ${aad}, ${method}) AS JSON)`, VARIANT, true);
  }),
  DECRYPT_RAW: decryptingRaw(false),
  TRY_DECRYPT_RAW: decryptingRaw(true),
};
