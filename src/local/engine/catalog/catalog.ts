import type { DuckDBConnection } from '@duckdb/node-api';
import { Mutex } from 'async-mutex';
import { appendEntry, type StoredEntries } from './catalog-storage.js';
import type { Entry, EntryKind, EntryOf } from './entries.js';
import { nameSpace } from './entries.js';

/**
 * The account's objects, in memory as they stand in DuckDB. Lookups are synchronous; changes are gathered in an edit,
 * written in the DuckDB transaction that also does the physical work, and become visible here when it has committed.
 */
export class WholeCatalog {
  readonly #entries = new Map<number, Entry>();
  /** Live names: parent → name space and name → id. */
  readonly #names = new Map<number, Map<string, number>>();
  readonly #turn = new Mutex();
  #lastVersion: number;
  #changed = 0;
  #lastId: number;

  constructor(stored: StoredEntries) {
    this.#lastVersion = stored.lastVersion;
    this.#lastId = stored.lastId;
    for (const entry of stored.entries) this.#put(entry);
  }

  /** Grows with every change: what was looked up at another number may be out of date. */
  get changes(): number {
    return this.#changed;
  }

  get(id: number): Entry | undefined {
    return this.#entries.get(id);
  }

  find<K extends EntryKind>(parent: number, kind: K, name: string): EntryOf<K> | undefined {
    const id = this.#names.get(parent)?.get(nameKey(kind, name));
    const entry = id === undefined ? undefined : this.#entries.get(id);
    return entry?.kind === kind ? (entry as EntryOf<K>) : undefined;
  }

  /** The table or view of that name. */
  findRelation(parent: number, name: string): EntryOf<'table' | 'view'> | undefined {
    return this.find(parent, 'table', name) ?? this.find(parent, 'view', name);
  }

  /** Live children of a kind, by name. */
  children<K extends EntryKind>(parent: number, kind: K): EntryOf<K>[] {
    const found: EntryOf<K>[] = [];
    for (const id of this.#names.get(parent)?.values() ?? []) {
      const entry = this.#entries.get(id);
      if (entry?.kind === kind) found.push(entry as EntryOf<K>);
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Dropped children of a kind, the last dropped first. */
  dropped<K extends EntryKind>(parent: number, kind: K, name?: string): EntryOf<K>[] {
    const found: EntryOf<K>[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.kind !== kind || entry.parent !== parent || entry.droppedAt === undefined) continue;
      if (name === undefined || entry.name === name) found.push(entry as EntryOf<K>);
    }
    return found.sort((a, b) => (b.droppedAt ?? 0) - (a.droppedAt ?? 0) || b.id - a.id);
  }

  all(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** One change at a time: what `work` read from the catalog still holds when its edit is written. */
  async change<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn.runExclusive(work);
  }

  edit(): CatalogEdit {
    return new CatalogEdit();
  }

  /** Writes the edit in the connection's open transaction. */
  async write(edit: CatalogEdit, connection: DuckDBConnection): Promise<void> {
    for (const [id, entry] of edit.changes) {
      this.#lastVersion += 1;
      await appendEntry(connection, this.#lastVersion, id, entry);
    }
  }

  /** Makes a committed edit visible. */
  apply(edit: CatalogEdit): void {
    this.#changed += 1;
    for (const [id, entry] of edit.changes) {
      this.#remove(id);
      if (entry !== undefined) this.#put(entry);
    }
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    if (entry.droppedAt !== undefined) return;
    let names = this.#names.get(entry.parent);
    if (names === undefined) {
      names = new Map();
      this.#names.set(entry.parent, names);
    }
    names.set(nameKey(entry.kind, entry.name), entry.id);
  }

  #remove(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const names = this.#names.get(entry.parent);
    const key = nameKey(entry.kind, entry.name);
    if (names?.get(key) === id) names.delete(key);
  }
}

/** The account's objects, or what a session sees of them. */
export type Catalog = Pick<WholeCatalog, keyof WholeCatalog>;

/** Changes that become visible together. */
export class CatalogEdit {
  readonly changes = new Map<number, Entry | undefined>();

  put(entry: Entry): void {
    this.changes.delete(entry.id);
    this.changes.set(entry.id, entry);
  }

  drop(entry: Entry, at: number): void {
    this.put({ ...entry, droppedAt: at });
  }

  /** Forgets the entry for good: no UNDROP. */
  remove(id: number): void {
    this.changes.set(id, undefined);
  }
}

function nameKey(kind: EntryKind, name: string): string {
  return `${nameSpace(kind)}:${name}`;
}
