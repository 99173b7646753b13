import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SnowError } from '../../errors/snow-error.js';
import { withBusyRetry } from './busy-retry.js';
import { type Database, openDatabase } from './connection.js';

/** The package's `migrations/`, three folders above both `src/store/sqlite` and `dist/store/sqlite`. */
const FOLDER = join(import.meta.dirname, '..', '..', '..', 'migrations');

export interface Migration {
  readonly version: number;
  readonly name: string;
}

export interface MigrationStatus {
  readonly path: string;
  readonly exists: boolean;
  /** Version of the file's schema; 0 when it has none. */
  readonly current: number;
  /** Version this program brings. */
  readonly latest: number;
  readonly pending: readonly Migration[];
}

function knownMigrations(folder: string): readonly (Migration & { readonly file: string })[] {
  return readdirSync(folder)
    .flatMap((file) => {
      const match = /^(\d{4})_(\w+)\.sql$/.exec(file);
      return match ? [{ version: Number(match[1]), name: match[2] ?? '', file: join(folder, file) }] : [];
    })
    .sort((a, b) => a.version - b.version);
}

function versionOf(db: Database): number {
  const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'").get();
  if (known === undefined) return 0;
  return Number(db.prepare('SELECT coalesce(max(version), 0) FROM schema_migrations').pluck().get());
}

/** The first line of a migration that older programs may go on with: what it adds is nothing they have to know. */
const ADDITIVE = '-- additive';

/** The newest schema version in a folder of migrations. */
export function latestVersion(folder = FOLDER): number {
  return knownMigrations(folder).at(-1)?.version ?? 0;
}

/**
 * The schema version a program must know to use the file: `PRAGMA user_version`, written by each migration that is not
 * additive. A file of before it was written has 0 there: all versions have to be known.
 */
function leastReaderOf(db: Database, current: number): number {
  return Number(db.pragma('user_version', { simple: true })) || current;
}

function refuseNewer(db: Database, path: string, current: number, latest: number): void {
  if (current <= latest || leastReaderOf(db, current) <= latest) return;
  throw new SnowError({
    code: 'STORE_UNAVAILABLE',
    message: `${path} has schema version ${current}; this mcp-snow knows versions up to ${latest}.`,
    hint: 'Another process uses a newer mcp-snow: upgrade this one (npm install mcp-snow@latest).',
  });
}

/**
 * Applies what is missing, each migration in a transaction of its own that begins with its version row: processes that
 * start at once collide there, and the later one finds the work done.
 */
export async function applyMigrations(db: Database, path: string, folder = FOLDER): Promise<readonly Migration[]> {
  const known = knownMigrations(folder);
  const latest = known.at(-1)?.version ?? 0;
  const current = await withBusyRetry(path, () => versionOf(db));
  refuseNewer(db, path, current, latest);
  const applied: Migration[] = [];
  for (const migration of known) {
    if (migration.version <= current) continue;
    const sql = readFileSync(migration.file, 'utf8');
    const apply = db.transaction((): boolean => {
      db.exec(
        'CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
      );
      const first = db
        .prepare('INSERT OR IGNORE INTO schema_migrations (version, name, applied_at) VALUES (?, ?, ?)')
        .run(migration.version, migration.name, Date.now());
      if (first.changes === 0) return false;
      const least = sql.startsWith(ADDITIVE) ? leastReaderOf(db, migration.version - 1) : migration.version;
      db.exec(sql);
      db.pragma(`user_version = ${least}`);
      return true;
    });
    if (await withBusyRetry(path, () => apply.immediate())) {
      applied.push({ version: migration.version, name: migration.name });
    }
  }
  return applied;
}

/** What `migrate` would do; touches nothing, and a file that is missing stays missing. */
export async function migrationStatus(path: string, folder = FOLDER): Promise<MigrationStatus> {
  const known = knownMigrations(folder);
  const latest = known.at(-1)?.version ?? 0;
  const exists = existsSync(path) && statSync(path).size > 0;
  let current = 0;
  if (exists) {
    const db = await openDatabase(path, 'FULL');
    try {
      current = await withBusyRetry(path, () => versionOf(db));
    } finally {
      db.close();
    }
  }
  const pending = known
    .filter((migration) => migration.version > current)
    .map(({ version, name }) => ({ version, name }));
  return { path, exists, current, latest, pending };
}

/** Brings the file's schema up to this program's version, making the file when it is missing. */
export async function migrate(path: string, folder = FOLDER): Promise<{ readonly applied: readonly Migration[] }> {
  const db = await openDatabase(path, 'FULL');
  try {
    return { applied: await applyMigrations(db, path, folder) };
  } finally {
    db.close();
  }
}
