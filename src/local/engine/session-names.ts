import type { Catalog } from './catalog/catalog.js';
import {
  ACCOUNT,
  type DatabaseEntry,
  type Entry,
  type EntryKind,
  type EntryOf,
  type RoutineEntry,
  type SchemaEntry,
  type SequenceEntry,
  type StreamEntry,
  type TableEntry,
  type ViewEntry,
} from './catalog/entries.js';
import type { Rights } from './grants/rights.js';
import { SeenCatalog } from './grants/seen-catalog.js';
import type { LocalError } from './local-error.js';
import type { SessionState } from './session-state.js';
import {
  noCurrentDatabase,
  noCurrentSchema,
  notFound,
  objectNotFound,
  readOnlyDatabase,
  showName,
} from './snowflake-errors.js';

export const INFORMATION_SCHEMA = 'INFORMATION_SCHEMA';

/** A schema, and the database it is in. */
export interface SchemaPlace {
  readonly database: DatabaseEntry;
  readonly schema: SchemaEntry;
}

/** Where an object is, or would be made. */
export interface ObjectPlace extends SchemaPlace {
  readonly name: string;
}

/** Names as one session resolves them: its context first, its temporary objects before the others. */
export class SessionNames {
  /** As the session sees it. */
  readonly catalog: Catalog;
  /** With what the session does not see. */
  readonly whole: Catalog;
  readonly state: SessionState;
  readonly #rights: Rights | undefined;

  /** `rights` in place of the session's own, for what is resolved for somebody else. */
  constructor(catalog: Catalog, state: SessionState, rights?: Rights) {
    this.whole = catalog;
    this.state = state;
    this.#rights = rights;
    const seen = rights ?? state.rights;
    this.catalog = seen === undefined ? catalog : new SeenCatalog(catalog, () => this.rights ?? seen);
  }

  get rights(): Rights | undefined {
    return this.#rights ?? this.state.rights;
  }

  /** The names that a view's query sees, whoever reads the view. */
  asOwnerOfView(owner: string): SessionNames {
    const { rights } = this;
    return rights === undefined ? this : new SessionNames(this.whole, this.state, rights.asOwnerOfView(owner));
  }

  /** The names that a function's body sees. */
  asOwnerOfRoutine(owner: string): SessionNames {
    const { rights } = this;
    return rights === undefined ? this : new SessionNames(this.whole, this.state, rights.asOwnerOfRoutine(owner));
  }

  /** Throws 003001 where the session may see an object and not use it so. */
  assertMay(privilege: string, entry: Entry): void {
    this.rights?.assert(entry, privilege);
  }

  findDatabase(name: string): DatabaseEntry | undefined {
    return this.catalog.find(ACCOUNT, 'database', name);
  }

  /** Throws 002003/02000. */
  database(name: string): DatabaseEntry {
    const entry = this.findDatabase(name);
    if (entry === undefined) throw notFound('Database', [name]);
    return entry;
  }

  /** The named database, or the session's. Throws 090105 without one. */
  currentDatabase(operation: string): DatabaseEntry {
    const name = this.state.context.database;
    if (name === undefined) throw noCurrentDatabase(operation);
    return this.database(name);
  }

  /** `schema` or `database.schema`. Throws 002003/02000 or 090105. */
  schema(name: readonly string[], operation: string): SchemaPlace {
    const [first = '', second] = name;
    const database = second === undefined ? this.currentDatabase(operation) : this.database(first);
    const schemaName = second ?? first;
    const schema = this.catalog.find(database.id, 'schema', schemaName);
    if (schema === undefined) throw notFound('Schema', [database.name, schemaName]);
    return { database, schema };
  }

  findSchema(database: DatabaseEntry, name: string): SchemaEntry | undefined {
    return this.catalog.find(database.id, 'schema', name);
  }

  /** Where an object of that name (one to three parts) belongs. Throws 090105, 090106, 002003. */
  place(name: readonly string[], operation: string): ObjectPlace {
    const object = name.at(-1) ?? '';
    if (name.length > 1) return { ...this.schema(name.slice(0, -1), operation), name: object };
    const database = this.currentDatabase(operation);
    const schemaName = this.state.context.schema;
    if (schemaName === undefined) throw noCurrentSchema(operation);
    const schema = this.catalog.find(database.id, 'schema', schemaName);
    if (schema === undefined) throw notFound('Schema', [database.name, schemaName]);
    return { database, schema, name: object };
  }

  /** Like `place`, for a statement that changes something there: refuses shared, read-only databases. */
  writablePlace(name: readonly string[], operation: string): ObjectPlace {
    const place = this.place(name, operation);
    assertWritable(place.database);
    return place;
  }

  findIn<K extends EntryKind>(schema: SchemaEntry, kind: K, name: string): EntryOf<K> | undefined {
    const temporary = this.state.findTemporary(schema.id, kind, name);
    if (temporary?.kind === kind) return temporary as EntryOf<K>;
    return this.catalog.find(schema.id, kind, name);
  }

  findRelationIn(schema: SchemaEntry, name: string): TableEntry | ViewEntry | undefined {
    return this.findIn(schema, 'table', name) ?? this.findIn(schema, 'view', name);
  }

  /** The table or view of that name. Throws 002003/42S02 as a query does. */
  relation(name: readonly string[], operation = 'SELECT'): { entry: TableEntry | ViewEntry; place: ObjectPlace } {
    const place = this.place(name, operation);
    const entry = this.findRelationIn(place.schema, place.name);
    if (entry === undefined) throw objectNotFound(name);
    return { entry, place };
  }

  /** Throws 002003/42S02 naming the kind in full: `Table 'DB.SCHEMA.T' does not exist or not authorized.` */
  table(name: readonly string[], operation: string): { entry: TableEntry; place: ObjectPlace } {
    const place = this.place(name, operation);
    const entry = this.findIn(place.schema, 'table', place.name);
    if (entry === undefined) throw missing('Table', place);
    return { entry, place };
  }

  view(name: readonly string[], operation: string): { entry: ViewEntry; place: ObjectPlace } {
    const place = this.place(name, operation);
    const entry = this.findIn(place.schema, 'view', place.name);
    if (entry === undefined) throw missing('View', place);
    return { entry, place };
  }

  sequence(name: readonly string[], operation = 'SELECT'): { entry: SequenceEntry; place: ObjectPlace } {
    const place = this.place(name, operation);
    const entry = this.findIn(place.schema, 'sequence', place.name);
    if (entry === undefined) throw missing('Sequence', place);
    return { entry, place };
  }

  /** The stream of that name; undefined where there is none. */
  findStream(name: readonly string[]): StreamEntry | undefined {
    const schemaName = name.length === 1 ? this.state.context.schema : name.at(-2);
    const databaseName = name.length === 3 ? name[0] : this.state.context.database;
    const database = databaseName === undefined ? undefined : this.findDatabase(databaseName);
    const schema = database === undefined ? undefined : this.findSchema(database, schemaName ?? '');
    return schema === undefined ? undefined : this.catalog.find(schema.id, 'stream', name.at(-1) ?? '');
  }

  /** A stream and the table that it follows; none for what is no stream. */
  streamSource(id: number): { readonly stream: StreamEntry; readonly table: TableEntry } | undefined {
    const stream = this.catalog.get(id);
    const table = stream?.kind === 'stream' ? this.catalog.get(stream.table) : undefined;
    return stream?.kind === 'stream' && table?.kind === 'table' ? { stream, table } : undefined;
  }

  /** The overloads of a function or procedure, and where they are; none where the name has no place. */
  routines(
    kind: RoutineEntry['kind'],
    name: readonly string[],
  ): { readonly entries: readonly RoutineEntry[]; readonly place?: ObjectPlace } {
    if (name.length === 1 && (this.state.context.database === undefined || this.state.context.schema === undefined)) {
      return { entries: [] };
    }
    const schemaName = name.length === 1 ? this.state.context.schema : name.at(-2);
    const databaseName = name.length === 3 ? name[0] : this.state.context.database;
    const database = databaseName === undefined ? undefined : this.findDatabase(databaseName);
    const schema = database === undefined ? undefined : this.findSchema(database, schemaName ?? '');
    if (database === undefined || schema === undefined) return { entries: [] };
    const routine = name.at(-1) ?? '';
    const entries = this.catalog.children(schema.id, kind).filter((entry) => entry.routine === routine);
    return { entries, place: { database, schema, name: routine } };
  }

  /** Objects of a kind in a schema as the session sees them. */
  objectsIn<K extends EntryKind>(schema: SchemaEntry, kind: K): EntryOf<K>[] {
    const temporary = this.state
      .temporaries()
      .filter((entry) => entry.kind === kind && entry.parent === schema.id) as EntryOf<K>[];
    const hidden = new Set(temporary.map((entry) => entry.name));
    const permanent = this.catalog.children(schema.id, kind).filter((entry) => !hidden.has(entry.name));
    return [...permanent, ...temporary].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** `DB.SCHEMA.NAME` of a table, for messages. */
  nameOf(id: number): string {
    const entry = this.catalog.get(id) ?? this.state.temporaries().find((temporary) => temporary.id === id);
    if (entry === undefined) return String(id);
    const schema = this.catalog.get(entry.parent);
    const database = schema === undefined ? undefined : this.catalog.get(schema.parent);
    return showName([database?.name ?? '', schema?.name ?? '', entry.name]);
  }

  /** The database that holds the table of that id. */
  databaseOf(id: number): DatabaseEntry | undefined {
    const entry = this.catalog.get(id) ?? this.state.temporaries().find((temporary) => temporary.id === id);
    const schema = entry === undefined ? undefined : this.catalog.get(entry.parent);
    const database = schema === undefined ? undefined : this.catalog.get(schema.parent);
    return database?.kind === 'database' ? database : undefined;
  }
}

export function assertWritable(database: DatabaseEntry): void {
  if (database.origin !== '') throw readOnlyDatabase(database.name);
}

export function missing(kind: string, place: ObjectPlace): LocalError {
  return notFound(kind, [place.database.name, place.schema.name, place.name]);
}
