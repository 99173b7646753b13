import { migrate, migrationStatus } from '../store/sqlite/migrator.js';
import type { GlobalOptions } from './global-options.js';
import { loadSettings } from './settings.js';
import { terminal } from './terminal.js';

function talk(options: GlobalOptions) {
  return terminal({ json: options.json ?? false, color: options.color });
}

function named(migrations: readonly { readonly version: number; readonly name: string }[]): string {
  return migrations
    .map(({ version, name }) => `  ${String(version).padStart(4, '0')} ${name.replaceAll('_', ' ')}`)
    .join('\n');
}

export async function migrateApply(options: GlobalOptions): Promise<void> {
  const { db } = await loadSettings(options);
  const { applied } = await migrate(db);
  await talk(options).result({ db, applied }, () =>
    applied.length === 0 ? `${db} is up to date.` : `${db}: applied\n${named(applied)}`,
  );
}

export async function migrateStatus(options: GlobalOptions): Promise<void> {
  const { db } = await loadSettings(options);
  const status = await migrationStatus(db);
  await talk(options).result(status, () => {
    if (!status.exists) return `${db} does not exist yet; the first process that opens it makes it.`;
    const place = `${db} has schema version ${status.current} of ${status.latest}.`;
    return status.pending.length === 0 ? place : `${place} To be applied:\n${named(status.pending)}`;
  });
}
