import { closeSync, type FSWatcher, openSync, watch, writeSync } from 'node:fs';
import type { Database } from './connection.js';
import { storeFailure } from './failure.js';

/** How long a change of another process can stay unseen when the file system tells nothing, in ms. */
const POLL_MS = 400;

/** The same where files cannot be watched at all (no inotify instance left): then polling is the only way. */
const POLL_UNWATCHED_MS = 25;

const STROKE = Uint8Array.of(0x0a);

/**
 * Tells processes that something was committed: one byte is written to a file beside the database after the commit, which
 * everybody watches. (Watching the WAL instead fires before the commit can be seen, and misses some.) The file is never
 * removed: watchers hold on to it, not to its name. `PRAGMA data_version`, which changes when another connection has
 * committed, tells news from echoes, and is polled slowly as the net.
 */
export class Bell {
  readonly #path: string;
  readonly #file: number;
  readonly #dataVersion: () => unknown;
  readonly #listeners = new Set<() => void>();
  #seen: unknown;
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #told = false;
  #closed = false;

  constructor(db: Database, databasePath: string) {
    this.#path = `${databasePath}-bell`;
    try {
      closeSync(openSync(this.#path, 'a', 0o600));
      // Not for appending: every stroke goes to the same place, or the file would grow for ever.
      this.#file = openSync(this.#path, 'r+');
    } catch (failure) {
      throw storeFailure(failure, this.#path);
    }
    const statement = db.prepare('PRAGMA data_version').pluck();
    this.#dataVersion = () => statement.get();
  }

  /** After a commit of our own. */
  ring(): void {
    try {
      writeSync(this.#file, STROKE, 0, 1, 0);
    } catch {
      // A full disk must not fail what is committed; the others' poll will see it.
    }
    this.#tell();
  }

  /** Answers the way to stop listening. Neither the watcher nor the poll keeps the process alive. */
  onChange(listener: () => void): () => void {
    if (this.#listeners.size === 0) this.#start();
    // Each registration counts for itself, also of a function that is registered twice.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#stop();
    };
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#stop();
    closeSync(this.#file);
  }

  #start(): void {
    this.#seen = this.#dataVersion();
    try {
      this.#watcher = watch(this.#path, { persistent: false }, () => this.#look());
      this.#watcher.on('error', () => this.#pollOnly());
      this.#poll = setInterval(() => this.#look(), POLL_MS).unref();
    } catch {
      this.#pollOnly();
    }
  }

  #pollOnly(): void {
    this.#stop();
    this.#poll = setInterval(() => this.#look(), POLL_UNWATCHED_MS).unref();
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  /** Somebody rang, or it is time to look: was it a commit of another connection? */
  #look(): void {
    if (this.#closed) return;
    try {
      const version = this.#dataVersion();
      if (version === this.#seen) return;
      this.#seen = version;
    } catch {
      // The file is locked for a moment: rather one look too many than one too few.
    }
    this.#tell();
  }

  /** Once per turn of the event loop, however many commits there were. */
  #tell(): void {
    if (this.#told || this.#listeners.size === 0) return;
    this.#told = true;
    setImmediate(() => {
      this.#told = false;
      if (this.#closed) return;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
