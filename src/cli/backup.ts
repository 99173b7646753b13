import { resolve } from 'node:path';
import { backupStore } from '../store/sqlite/backup.js';
import type { GlobalOptions } from './global-options.js';
import { loadSettings } from './settings.js';
import { startStep } from './step.js';
import { terminal } from './terminal.js';

export interface BackupCommandOptions extends GlobalOptions {
  readonly force?: boolean;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** A checked copy of the database, which may be in use. */
export async function backup(file: string, options: BackupCommandOptions): Promise<void> {
  const { db } = await loadSettings(options);
  const target = resolve(file);
  const step = await startStep(`copying ${db}`, options);
  try {
    const { bytes, schema } = await backupStore(db, target, {
      force: options.force ?? false,
      onProgress: (share) => step.update(`copying ${db}: ${Math.round(share * 100)} %`),
    });
    step.end();
    await terminal({ json: options.json ?? false, color: options.color }).result(
      { db, file: target, bytes, schema },
      () => `${target}: ${megabytes(bytes)}, schema version ${schema}, checked.`,
    );
  } finally {
    step.end();
  }
}
