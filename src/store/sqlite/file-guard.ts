import { statSync } from 'node:fs';
import { SnowError } from '../../errors/snow-error.js';
import type { Database } from './connection.js';
import { type FileId, fileId, isSameFile } from './file-id.js';

/** Bytes of the WAL's header, and of the header before each page in it (sqlite.org/fileformat2.html#the_write_ahead_log). */
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** How often the files are looked at when nothing is written, in ms. */
const LOOK_EVERY_MS = 1_000;

/** A restart of the WAL between two system calls looks like a cut: so often in a row it has to. */
const LOOKS = 3;

/**
 * Notices what ends the use of an open store for good: its files deleted, replaced or cut short by somebody else, or its
 * schema changed by a newer program. SQLite itself would go on, on files that nobody else sees. What was found once stays:
 * every later check throws the same error.
 */
export class FileGuard {
  readonly #db: Database;
  readonly #path: string;
  readonly #known: number;
  readonly #files: readonly (readonly [name: string, id: FileId | undefined])[];
  readonly #leastReader: () => unknown;
  readonly #walPages: () => number;
  readonly #pageBytes: number;
  readonly #listeners = new Set<(failure: SnowError) => void>();
  #walBytes = 0;
  #broken: SnowError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #keeper: Database | undefined;

  /** @param known the newest schema version this program knows */
  constructor(db: Database, path: string, known: number) {
    this.#db = db;
    this.#path = path;
    this.#known = known;
    const least = db.prepare('PRAGMA user_version').pluck();
    this.#leastReader = () => least.get();
    // Also opens the WAL: from here on both files beside the database are there.
    least.get();
    this.#files = ['', '-wal', '-shm'].map((suffix) => [path + suffix, fileId(path + suffix)] as const);
    this.#pageBytes = Number(db.pragma('page_size', { simple: true }));
    this.noteCommit();
    this.#walPages = () => (db.pragma('wal_checkpoint(NOOP)') as { log: number }[])[0]?.log ?? 0;
  }

  get broken(): SnowError | undefined {
    return this.#broken;
  }

  /** Throws `STORE_UNAVAILABLE` when the files are not the opened ones any more. Not to be called in a transaction. */
  checkFiles(): void {
    if (this.#broken !== undefined) throw this.#broken;
    for (const [name, id] of this.#files) {
      const now = fileId(name);
      if (isSameFile(now, id)) continue;
      // Locks and index lie there: another process may write to the same WAL without this one's knowledge.
      if (name.endsWith('-shm')) this.#leaveWalAlone();
      this.#break(
        `${name} was ${now === undefined ? 'deleted' : 'replaced'} while it was in use.`,
        `End all mcp-snow processes of ${this.#path}, then start again; mcp-snow doctor tells what the file holds.`,
      );
    }
    if (this.#walWasCut()) {
      this.#leaveWalAlone();
      this.#break(
        `${this.#path}-wal was cut short by another program; what it held was lost.`,
        `End all mcp-snow processes of ${this.#path}, then look with mcp-snow doctor; mcp-snow restore brings a backup back.`,
      );
    }
  }

  /** Throws `STORE_UNAVAILABLE` when a newer program has changed the schema so that this one cannot go on. */
  checkSchema(): void {
    if (this.#broken !== undefined) throw this.#broken;
    const least = Number(this.#leastReader());
    if (least <= this.#known) return;
    this.#break(
      `A newer mcp-snow has changed ${this.#path} to schema version ${least}; this process knows versions up to ${this.#known}.`,
      'Restart it with the newer version (in an MCP client: reconnect the server).',
    );
  }

  /** Remembers how long the WAL is: after a commit of our own it holds that at least. */
  noteCommit(): void {
    this.#walBytes = this.#sizeOfWal();
  }

  /** `listener` is called once, at the latest a second after the fact. Nothing here keeps the process alive. */
  onBroken(listener: (failure: SnowError) => void): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopLooking();
    };
  }

  /** To be called after the database was closed. */
  close(): void {
    this.#stopLooking();
    this.#keeper?.close();
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * The last connection that closes copies the WAL into the database by what it knows of it and deletes it, but not while
   * another is open; and one that may only read does neither.
   */
  #leaveWalAlone(): void {
    const Driver = this.#db.constructor as new (path: string, options: object) => Database;
    this.#keeper = new Driver(this.#path, { readonly: true, timeout: 0 });
    try {
      this.#keeper.pragma('schema_version');
    } catch {
      // What it reads is of no interest: it holds the database's shared lock by then.
    }
  }

  #look(): void {
    try {
      this.checkFiles();
      this.checkSchema();
    } catch {
      // It is told by #break; a file that is locked for a moment is looked at again.
    }
  }

  /** A WAL never gets shorter by itself below what its index says it holds. */
  #walWasCut(): boolean {
    const before = this.#walBytes;
    this.noteCommit();
    if (this.#walBytes >= before) return false;
    for (let look = 1; look <= LOOKS; look += 1) {
      const pages = this.#walPages();
      const least = pages <= 0 ? 0 : WAL_HEADER_BYTES + pages * (FRAME_HEADER_BYTES + this.#pageBytes);
      if (this.#sizeOfWal() >= least) return false;
    }
    return true;
  }

  #sizeOfWal(): number {
    return statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  #break(message: string, hint: string): never {
    const failure = new SnowError({ code: 'STORE_UNAVAILABLE', message, hint });
    this.#broken = failure;
    this.#stopLooking();
    setImmediate(() => {
      for (const listener of [...this.#listeners]) listener(failure);
    });
    throw failure;
  }
}
