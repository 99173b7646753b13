import {
  BLOB,
  BOOLEAN,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  VARCHAR,
} from '@duckdb/node-api';
import { type CipherMethod, CipherProblem, decrypt, encrypt, joined, keyOfPassphrase, parted } from './ciphers.js';

/**
 * Gives DuckDB the functions behind ENCRYPT, DECRYPT and their kin. Bytes that may be missing (initialization vector, additional data,
 * tag) are empty then; any other NULL gives NULL. `lenient` gives NULL for what cannot be decrypted.
 */
export function registerCipherFunctions(connection: DuckDBConnection): void {
  const register = (
    name: string,
    parameterTypes: readonly DuckDBType[],
    returnType: DuckDBType,
    workOver: () => (args: readonly unknown[]) => Uint8Array | string,
    lenientAt?: number,
  ): void => {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes,
        returnType,
        volatile: lenientAt === undefined,
        mainFunction: (info, input, output) => {
          const columns = parameterTypes.map((_, i) => input.getColumnVector(i));
          const work = workOver();
          for (let row = 0; row < input.rowCount; row++) {
            const args = columns.map((column) => column.getItem(row) as unknown);
            try {
              const result = args.includes(null) ? null : work(args);
              output.setItem(row, result instanceof Uint8Array ? new DuckDBBlobValue(result) : result);
            } catch (error) {
              if (lenientAt === undefined || args[lenientAt] !== true) {
                info.setError(`100311/22023: ${error instanceof CipherProblem ? error.message : 'Encryption failed'}`);
                return;
              }
              output.setItem(row, null);
            }
          }
          output.flush();
        },
      }),
    );
  };
  register('encrypt_by_passphrase', [BLOB, VARCHAR, BLOB, VARCHAR], BLOB, () => {
    const keys = keysOfPassphrases();
    return ([value, passphrase, aad, method]) =>
      joined(encrypt(bytes(value), keys(passphrase), new Uint8Array(), bytes(aad), method as CipherMethod));
  });
  register(
    'decrypt_by_passphrase',
    [BLOB, VARCHAR, BLOB, VARCHAR, BOOLEAN],
    BLOB,
    () => {
      const keys = keysOfPassphrases();
      return ([value, passphrase, aad, method]) =>
        decrypt(parted(bytes(value), method as CipherMethod), keys(passphrase), bytes(aad), method as CipherMethod);
    },
    4,
  );
  register('encrypt_by_key', [BLOB, BLOB, BLOB, BLOB, VARCHAR], VARCHAR, () => ([value, key, iv, aad, method]) => {
    const done = encrypt(bytes(value), bytes(key), bytes(iv), bytes(aad), method as CipherMethod);
    return JSON.stringify({
      ciphertext: hex(done.ciphertext),
      ...(done.iv.length > 0 && { iv: hex(done.iv) }),
      ...(done.tag.length > 0 && { tag: hex(done.tag) }),
    });
  });
  register(
    'decrypt_by_key',
    [BLOB, BLOB, BLOB, BLOB, BLOB, VARCHAR, BOOLEAN],
    BLOB,
    () =>
      ([value, key, iv, aad, tag, method]) =>
        decrypt(
          { iv: bytes(iv), ciphertext: bytes(value), tag: bytes(tag) },
          bytes(key),
          bytes(aad),
          method as CipherMethod,
        ),
    6,
  );
}

/** Deriving a key costs half a millisecond: over the rows of one call each passphrase has it done once. */
function keysOfPassphrases(): (passphrase: unknown) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (passphrase) => {
    const text = String(passphrase);
    const key = known.get(text) ?? keyOfPassphrase(text);
    known.set(text, key);
    return key;
  };
}

function bytes(value: unknown): Uint8Array {
  return (value as DuckDBBlobValue).bytes;
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex').toUpperCase();
}
