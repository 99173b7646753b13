import { closeSync, existsSync, fdatasyncSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { type Chunk, SYMBOL_ROLES } from './chunks/chunk.js';
import { compounds, spread } from './identifier-words.js';
import { removeIndex } from './index-files.js';
import { INDEX_SCHEMA, INDEX_VERSION } from './index-schema.js';
import { changesBetween, changesSince, type IndexChanges, type KnownFile, knownFilesIn } from './known-files.js';
import { takenOver } from './taken-over.js';

export interface IndexedFile {
  readonly path: string;
  readonly language: string;
  readonly size: number;
  readonly modified: number;
  readonly digest: Buffer | null;
  readonly why: string | null;
}

/** What a finished index holds. */
export interface IndexCounts {
  readonly files: number;
  readonly chunks: number;
  /** Of the indexed files, as they lie on the disk. */
  readonly bytes: number;
  /** Of the index's own file. */
  readonly indexBytes: number;
  readonly languages: Readonly<Record<string, number>>;
}

export interface DraftRequest {
  /** Where the draft lies, whether it has been begun or not. */
  readonly path: string;
  /** The published index that it starts from; absent for the first. */
  readonly base?: string;
  /** Grows with every attempt at a sync of the repository: whoever came later has the draft. */
  readonly fence: number;
  /** Called between steps; what it throws ends the work, and what has been done so far stays in the draft. */
  readonly look: () => void;
}

const COPY_BYTES = 4 * 1024 * 1024;
const BUSY_MS = 10_000;

/** Deflate's level: 6 takes three times as long and saves a tenth. */
const DEFLATE_LEVEL = 1;

/** Pages of 4 KiB that a step of merging the full-text index handles. */
const MERGE_PAGES = 256;

/**
 * The index of the next generation while it is made: a copy of the published one, in which files are put, replaced and
 * dropped. It is committed in steps and survives the death of its process: the next attempt goes on with it. The published
 * file is never written to.
 */
export class IndexDraft {
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #fence: number;
  readonly #statements: ReturnType<typeof prepareStatements>;

  private constructor(db: Database.Database, request: DraftRequest) {
    this.#db = db;
    this.#path = request.path;
    this.#fence = request.fence;
    this.#statements = prepareStatements(db);
  }

  /** Opens what an earlier attempt left, if that can be gone on with, else begins with a copy of the published index. */
  static open(request: DraftRequest): IndexDraft {
    const left = existsSync(request.path) ? openDraft(request.path) : undefined;
    if (left !== undefined) {
      if (versionOf(left) === INDEX_VERSION) return IndexDraft.#taken(left, request, 'if later');
      left.close();
    }
    removeIndex(request.path);
    if (request.base !== undefined && indexVersionOf(request.base) === INDEX_VERSION) copy(request.base, request);
    const db = openDraft(request.path);
    if (db === undefined) throw new Error(`${request.path} cannot be made`);
    if (versionOf(db) !== INDEX_VERSION)
      db.exec(`BEGIN; ${INDEX_SCHEMA} PRAGMA user_version = ${INDEX_VERSION}; COMMIT`);
    return IndexDraft.#taken(db, request, 'in any case');
  }

  static #taken(db: Database.Database, request: DraftRequest, when: 'if later' | 'in any case'): IndexDraft {
    try {
      takeOver(db, request.fence, when);
      return new IndexDraft(db, request);
    } catch (failure) {
      db.close();
      throw failure;
    }
  }

  /** Runs `work` in one transaction. Throws when a later attempt has taken the draft over. */
  transaction<T>(work: () => T): T {
    return this.#db
      .transaction(() => {
        if (this.#statements.fence.get() !== this.#fence) throw takenOver();
        return work();
      })
      .immediate();
  }

  knownFiles(): ReadonlyMap<string, KnownFile> {
    return knownFilesIn(this.#db);
  }

  /** What has become of the files since the published index in the file `base`; without one, all of them are new. */
  changesSince(base: string | undefined): IndexChanges {
    return base === undefined ? changesBetween(new Map(), this.knownFiles()) : changesSince(base, this.#db);
  }

  /** Puts a file in, in place of what was known under its path. */
  put(file: IndexedFile, text: string, chunks: readonly Chunk[], before: KnownFile | undefined): void {
    const { insertFile, insertText, insertChunk, insertSymbol, insertWords } = this.#statements;
    if (before !== undefined) this.drop(before);
    const { path, language, size, modified, digest, why } = file;
    const id = insertFile.run(path, language, size, modified, digest, why).lastInsertRowid;
    if (why !== null) return;
    insertText.run(id, deflateRawSync(text, { level: DEFLATE_LEVEL }));
    const pathWords = spread(path);
    for (const chunk of chunks) {
      const { from, to, firstLine, lastLine, kind, name, symbols } = chunk;
      const rowid = insertChunk.run(id, from, to, firstLine, lastLine, kind, name ?? null).lastInsertRowid;
      for (const symbol of symbols)
        insertSymbol.run(this.#nameId(symbol.name), SYMBOL_ROLES.indexOf(symbol.role), rowid);
      const body = text.slice(from, to);
      const own = symbols.filter(({ role }) => role !== 'uses').map((symbol) => spread(symbol.name));
      insertWords.run(rowid, spread(body), compounds(body).join(' '), [...own, pathWords].join(' '));
    }
  }

  #nameId(name: string): number | bigint {
    const { findName, insertName } = this.#statements;
    return (findName.get(name) as number | undefined) ?? insertName.run(name).lastInsertRowid;
  }

  /** The same content, another time of change. */
  touch({ id }: KnownFile, modified: number): void {
    this.#statements.touch.run(modified, id);
  }

  drop({ id }: KnownFile): void {
    const { dropWords, dropSymbols, dropChunks, dropText, dropFile } = this.#statements;
    dropWords.run(id);
    dropSymbols.run(id);
    dropChunks.run(id);
    dropText.run(id);
    dropFile.run(id);
  }

  /** Leaves one file that is safely on the disk. */
  finish(look: () => void): IndexCounts {
    this.#merge(look);
    this.#shrink(look);
    const [files, bytes] = this.#statements.totals.get() as [number, number];
    const chunks = this.#statements.chunkCount.get() as number;
    const languages = Object.fromEntries(this.#statements.languages.all() as [string, number][]);
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
    const pages = this.#db.pragma('page_count', { simple: true }) as number;
    const pageBytes = this.#db.pragma('page_size', { simple: true }) as number;
    // Fails where an attempt that was given up still has it open; then it stays in WAL mode, which does no harm.
    try {
      this.#db.pragma('journal_mode = DELETE');
    } catch {}
    this.#db.close();
    syncFile(this.#path);
    return { files, chunks, bytes, indexBytes: pages * pageBytes, languages };
  }

  close(): void {
    this.#db.close();
  }

  /**
   * Merges the full-text index of a repository that is indexed for the first time, in steps; later ones change little of it,
   * and it merges what they add by itself.
   */
  #merge(look: () => void): void {
    if (this.#statements.merged.get() !== undefined) return;
    const merge = this.#db.prepare("INSERT INTO words (words, rank) VALUES ('merge', ?)");
    const changes = this.#db.prepare('SELECT total_changes()').pluck();
    for (let pages = -MERGE_PAGES; ; pages = MERGE_PAGES) {
      look();
      const made = this.transaction(() => {
        const before = changes.get() as number;
        merge.run(pages);
        return (changes.get() as number) - before;
      });
      // By the manual of FTS5: where there are fewer than two, nothing could be merged.
      if (made < 2) break;
    }
    this.transaction(() => this.#db.prepare("INSERT INTO facts (name, value) VALUES ('merged', 1)").run());
  }

  /** Gives back, in steps, what is left over of pages that were rewritten. */
  #shrink(look: () => void): void {
    while ((this.#db.pragma('freelist_count', { simple: true }) as number) > 0) {
      look();
      this.#db.exec(`PRAGMA incremental_vacuum(${MERGE_PAGES})`);
    }
  }
}

/** The layout of an index's file; `undefined` where it cannot be read. */
export function indexVersionOf(path: string): number | undefined {
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true });
    try {
      return db.pragma('user_version', { simple: true }) as number;
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

/** `undefined` for what is no database. */
function openDraft(path: string): Database.Database | undefined {
  closeSync(openSync(path, 'a', 0o600));
  const db = new Database(path, { timeout: BUSY_MS });
  try {
    // Before anything is in it, or it means nothing.
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('temp_store = MEMORY');
    db.pragma('cache_size = -16384');
    return db;
  } catch (failure) {
    db.close();
    if (['SQLITE_NOTADB', 'SQLITE_CORRUPT'].includes((failure as { code?: string }).code ?? '')) return undefined;
    throw failure;
  }
}

/** Throws when an even later attempt has it. */
function takeOver(db: Database.Database, fence: number, when: 'if later' | 'in any case'): void {
  db.transaction(() => {
    const holder = db.prepare("SELECT value FROM facts WHERE name = 'fence'").pluck().get() as number | undefined;
    if (when === 'if later' && holder !== undefined && holder > fence) throw takenOver();
    db.prepare("INSERT OR REPLACE INTO facts (name, value) VALUES ('fence', ?)").run(fence);
  }).immediate();
}

function versionOf(db: Database.Database): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/** In bounded steps, each safely on the disk: a large file all at once would keep others from theirs. */
function copy(base: string, { path, look }: DraftRequest): void {
  const buffer = Buffer.allocUnsafe(COPY_BYTES);
  const from = openSync(base, 'r');
  const to = openSync(`${path}.copy`, 'w', 0o600);
  try {
    for (;;) {
      look();
      const read = readSync(from, buffer, 0, COPY_BYTES, null);
      if (read === 0) break;
      for (let written = 0; written < read; ) written += writeSync(to, buffer, written, read - written);
      fdatasyncSync(to);
    }
  } finally {
    closeSync(from);
    closeSync(to);
  }
  renameSync(`${path}.copy`, path);
}

function syncFile(path: string): void {
  for (const each of [path, dirname(path)]) {
    const fd = openSync(each, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

function prepareStatements(db: Database.Database) {
  return {
    fence: db.prepare("SELECT value FROM facts WHERE name = 'fence'").pluck(),
    merged: db.prepare("SELECT 1 FROM facts WHERE name = 'merged'").pluck(),
    insertFile: db.prepare('INSERT INTO files (path, language, size, modified, digest, why) VALUES (?, ?, ?, ?, ?, ?)'),
    insertText: db.prepare('INSERT INTO texts (file, text) VALUES (?, ?)'),
    insertChunk: db.prepare(
      'INSERT INTO chunks (file, from_at, to_at, first_line, last_line, kind, name) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    findName: db.prepare('SELECT id FROM names WHERE name = ?').pluck(),
    insertName: db.prepare('INSERT INTO names (name) VALUES (?)'),
    insertSymbol: db.prepare('INSERT OR IGNORE INTO symbols (name, role, chunk) VALUES (?, ?, ?)'),
    insertWords: db.prepare('INSERT INTO words (rowid, body, whole, names) VALUES (?, ?, ?, ?)'),
    touch: db.prepare('UPDATE files SET modified = ? WHERE id = ?'),
    dropWords: db.prepare('DELETE FROM words WHERE rowid IN (SELECT id FROM chunks WHERE file = ?)'),
    dropSymbols: db.prepare('DELETE FROM symbols WHERE chunk IN (SELECT id FROM chunks WHERE file = ?)'),
    dropChunks: db.prepare('DELETE FROM chunks WHERE file = ?'),
    dropText: db.prepare('DELETE FROM texts WHERE file = ?'),
    dropFile: db.prepare('DELETE FROM files WHERE id = ?'),
    totals: db.prepare('SELECT count(*), coalesce(sum(size), 0) FROM files WHERE why IS NULL').raw(),
    chunkCount: db.prepare('SELECT count(*) FROM chunks').pluck(),
    languages: db
      .prepare('SELECT language, count(*) FROM files WHERE why IS NULL GROUP BY language ORDER BY 2 DESC, 1')
      .raw(),
  };
}
