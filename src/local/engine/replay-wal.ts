import { stat } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { duckString } from '../sql/lexer.js';
import { registerFunctions } from './register-functions.js';

/**
 * Brings into a database file what its process had only written ahead when it was killed. DuckDB does so itself when it opens
 * a file, but cannot as the file is its first database: an ALTER TABLE of a table with a computed default or a CHECK names
 * functions, and there is no database yet in which they would be looked for ("no default database set").
 */
export async function replayWal(file: string, options: Readonly<Record<string, string>>): Promise<void> {
  const wal = await stat(`${file}.wal`).catch(() => undefined);
  if (wal === undefined || wal.size === 0) return;
  const instance = await DuckDBInstance.create(':memory:', options);
  try {
    const connection = await instance.connect();
    registerFunctions(connection);
    await connection.run(`ATTACH ${duckString(file)} AS killed`);
    await connection.run('CHECKPOINT killed');
    await connection.run('DETACH killed');
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}
