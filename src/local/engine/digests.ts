import { createHash } from 'node:crypto';
import { BLOB, type DuckDBConnection, INTEGER, VARCHAR } from '@duckdb/node-api';
import { bytesOf, registerRowFunction } from './row-function.js';

/** Gives DuckDB the SHA-2 digests that it lacks: `sha2_digest(bytes, bits)` in lower-case hex, for 224, 384 and 512 bits. */
export function registerDigests(connection: DuckDBConnection): void {
  registerRowFunction(connection, 'sha2_digest', [BLOB, INTEGER], VARCHAR, ([bytes, bits]) =>
    createHash(`sha${bits}`).update(bytesOf(bytes)).digest('hex'),
  );
}
