import Database from 'better-sqlite3';

/** A file as the index knows it. */
export interface KnownFile {
  readonly id: number;
  readonly size: number;
  readonly modified: number;
  readonly digest: Buffer | null;
  /** Why there is nothing of it but its name; `null` where its text is indexed. */
  readonly why: string | null;
}

/** Files, from one index to the next. */
export interface IndexChanges {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export const NO_CHANGES: IndexChanges = { added: 0, changed: 0, removed: 0 };

type FileRow = [string, number, number, number, Buffer | null, string | null];

const SELECT_FILES = 'SELECT path, id, size, modified, digest, why FROM';

/** All files of an index, by their paths. */
export function knownFilesIn(db: Database.Database): ReadonlyMap<string, KnownFile> {
  return filesOf(db, `${SELECT_FILES} files`);
}

function filesOf(db: Database.Database, sql: string): ReadonlyMap<string, KnownFile> {
  const known = new Map<string, KnownFile>();
  for (const [path, id, size, modified, digest, why] of db.prepare<[], FileRow>(sql).raw().all())
    known.set(path, { id, size, modified, digest, why });
  return known;
}

/** As `knownFilesIn`, of the index in a file. */
export function knownFilesAt(path: string): ReadonlyMap<string, KnownFile> {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    return knownFilesIn(db);
  } finally {
    db.close();
  }
}

/**
 * What has become of the files since the index in the file `base`, of which `db` began as a copy. Of those that are in both as
 * they were nothing is read: most of them.
 */
export function changesSince(base: string, db: Database.Database): IndexChanges {
  db.prepare('ATTACH ? AS base').run(base);
  try {
    return changesBetween(filesOf(db, onlyIn('base', 'main')), filesOf(db, onlyIn('main', 'base')));
  } finally {
    db.exec('DETACH base');
  }
}

function onlyIn(one: string, other: string): string {
  return `${SELECT_FILES} ${one}.files AS file WHERE NOT EXISTS (
    SELECT 1 FROM ${other}.files AS same
    WHERE same.id = file.id AND same.path = file.path AND same.digest IS file.digest AND same.why IS file.why)`;
}

/** What has become of the files that have text to index. */
export function changesBetween(
  before: ReadonlyMap<string, KnownFile>,
  after: ReadonlyMap<string, KnownFile>,
): IndexChanges {
  const changes = { added: 0, changed: 0, removed: 0 };
  for (const [path, { why, digest }] of after) {
    if (why !== null) continue;
    const old = before.get(path);
    if (old === undefined || old.why !== null) changes.added += 1;
    else if (old.digest === null || digest === null || !old.digest.equals(digest)) changes.changed += 1;
  }
  for (const [path, { why }] of before) if (why === null && after.get(path)?.why !== null) changes.removed += 1;
  return changes;
}
