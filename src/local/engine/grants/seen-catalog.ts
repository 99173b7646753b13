import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog, CatalogEdit } from '../catalog/catalog.js';
import type { Entry, EntryKind, EntryOf } from '../catalog/entries.js';
import type { Rights } from './rights.js';

/** The catalog without what a session may not see: by name and in lists it is not there. By id everything is. */
export class SeenCatalog implements Catalog {
  readonly #all: Catalog;
  readonly #rights: () => Rights;

  constructor(all: Catalog, rights: () => Rights) {
    this.#all = all;
    this.#rights = rights;
  }

  get changes(): number {
    return this.#all.changes;
  }

  get(id: number): Entry | undefined {
    return this.#all.get(id);
  }

  find<K extends EntryKind>(parent: number, kind: K, name: string): EntryOf<K> | undefined {
    const entry = this.#all.find(parent, kind, name);
    if (entry === undefined || this.#sees(entry)) return entry;
    this.#rights().refusals.refused = true;
    return undefined;
  }

  findRelation(parent: number, name: string): EntryOf<'table' | 'view'> | undefined {
    return this.find(parent, 'table', name) ?? this.find(parent, 'view', name);
  }

  children<K extends EntryKind>(parent: number, kind: K): EntryOf<K>[] {
    return this.#all.children(parent, kind).filter((entry) => this.#sees(entry));
  }

  dropped<K extends EntryKind>(parent: number, kind: K, name?: string): EntryOf<K>[] {
    return this.#all.dropped(parent, kind, name).filter((entry) => this.#sees(entry));
  }

  *all(): IterableIterator<Entry> {
    for (const entry of this.#all.all()) if (this.#sees(entry)) yield entry;
  }

  nextId(): number {
    return this.#all.nextId();
  }

  async change<T>(work: () => Promise<T>): Promise<T> {
    return await this.#all.change(work);
  }

  edit(): CatalogEdit {
    return this.#all.edit();
  }

  async write(edit: CatalogEdit, connection: DuckDBConnection): Promise<void> {
    await this.#all.write(edit, connection);
  }

  apply(edit: CatalogEdit): void {
    this.#all.apply(edit);
  }

  #sees(entry: Entry): boolean {
    return this.#rights().sees(entry);
  }
}
