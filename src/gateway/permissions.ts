import { SnowError } from '../errors/snow-error.js';
import type { ClientPermissions, ClientRecord } from '../store/client-store.js';
import type { WarehouseContext } from '../store/job.js';
import type { NamedObject } from '../warehouse/guard/object-names.js';
import {
  mayChangeRoleOrWarehouse,
  namesOfStatement,
  rolesAndWarehousesOf,
} from '../warehouse/guard/statement-names.js';
import { type GuardedStatement, STATEMENT_CLASSES, type StatementClass } from '../warehouse/statement-kind.js';
import { exactName } from './identifiers.js';
import { matches, type NamePattern, namePattern } from './name-pattern.js';

/** Parts of a pattern, by the member of the permissions that it stands in. */
const PATTERN_PARTS = { roles: 1, warehouses: 1, databases: 1, schemas: 2, tables: 3 } as const;
type Restricted = keyof typeof PATTERN_PARTS;

/** Parameters that change which object a name means. */
const NAME_PARAMETERS: ReadonlySet<string> = new Set(['SEARCH_PATH', 'QUOTED_IDENTIFIERS_IGNORE_CASE']);

/** Views of INFORMATION_SCHEMA that tell of their own database only. */
const OWN_VIEWS: ReadonlySet<string> = new Set(
  'TABLES VIEWS COLUMNS SCHEMATA TABLE_CONSTRAINTS REFERENTIAL_CONSTRAINTS SEQUENCES FUNCTIONS PROCEDURES STAGES PIPES FILE_FORMATS'.split(
    ' ',
  ),
);

/** Throws `INVALID_ARGUMENT` for permissions that cannot be kept to. */
export function checkPermissions(permissions: ClientPermissions): void {
  for (const [member, parts] of Object.entries(PATTERN_PARTS) as [Restricted, number][])
    for (const pattern of permissions[member] ?? []) namePattern(pattern, parts);
  for (const name of permissions.statements ?? [])
    if (!STATEMENT_CLASSES.includes(name))
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `There is no class of statements "${String(name).slice(0, 40)}".`,
        hint: `Classes: ${STATEMENT_CLASSES.join(', ')}.`,
      });
}

/** What one client may do. A client that nobody has restricted may do everything that the server allows. */
export class Permissions {
  readonly #client: string;
  readonly #permissions: ClientPermissions;
  readonly #patterns: Partial<Record<Restricted, readonly NamePattern[]>>;

  constructor(client: Pick<ClientRecord, 'name' | 'permissions'>) {
    this.#client = client.name;
    this.#permissions = client.permissions;
    this.#patterns = Object.fromEntries(
      (Object.entries(PATTERN_PARTS) as [Restricted, number][]).flatMap(([member, parts]) => {
        const texts = client.permissions[member];
        return texts === undefined ? [] : [[member, texts.map((text) => namePattern(text, parts))]];
      }),
    );
  }

  /** True when some databases, schemas or tables are closed to the client. */
  get restrictsObjects(): boolean {
    const { databases, schemas, tables } = this.#patterns;
    return databases !== undefined || schemas !== undefined || tables !== undefined;
  }

  /** The statement classes that both the server and the client's permissions allow. */
  allowed(byServer: readonly StatementClass[]): readonly StatementClass[] {
    const own = this.#permissions.statements;
    return own === undefined ? byServer : byServer.filter((name) => own.includes(name));
  }

  /**
   * Throws `STATEMENT_NOT_ALLOWED` when the statement needs a class, role, warehouse or object that is closed to the client.
   * `context` is the one that the statement will run in.
   */
  checkStatement(sql: string, guarded: GuardedStatement, context: WarehouseContext): void {
    const own = this.#permissions.statements;
    const missing = own === undefined ? [] : guarded.requires.filter((need) => !own.includes(need));
    if (missing.length > 0)
      throw this.#refused(
        `${guarded.verb} is a ${missing.join(' and ')} statement`,
        `statements: ${own?.join(', ') || 'none'}`,
      );
    const { roles, warehouses } = this.#patterns;
    if (roles !== undefined || warehouses !== undefined) {
      for (const named of rolesAndWarehousesOf(sql))
        this.#checkRoleOrWarehouse(named.kind as 'role', named.parts[0] ?? '');
      if (mayChangeRoleOrWarehouse(sql))
        throw this.#refused(`${guarded.verb} may take another role or warehouse`, 'roles or warehouses are given');
    }
    if (!this.restrictsObjects) return;
    for (const name of Object.keys(guarded.sessionParameters ?? {})) this.#checkParameter(name);
    const { objects, viewIn } = namesOfStatement(sql);
    const place = placeOf(context);
    for (const named of objects) this.#checkObject(named, place);
    if (viewIn === undefined || viewIn.length === 0) return;
    // What a view's query names without its schema is sought in the view's own schema.
    const [schema = '', database = place.database] = viewIn.toReversed();
    const placeOfView = { ...(database === undefined ? {} : { database }), schema };
    for (const named of objects.slice(1)) this.#checkObject(named, placeOfView);
  }

  /**
   * The context in which the client's work may run: where it names no role or warehouse, the first that is open to it, and
   * unqualified names mean the session's schema only. Throws `STATEMENT_NOT_ALLOWED` when the context itself is closed.
   */
  confined(context: WarehouseContext): WarehouseContext {
    const role = this.#confinedMember('role', context.role);
    const warehouse = this.#confinedMember('warehouse', context.warehouse);
    const { schemas, tables } = this.#patterns;
    for (const name of Object.keys(context.parameters ?? {})) if (this.restrictsObjects) this.#checkParameter(name);
    const sought = schemas === undefined && tables === undefined ? {} : { SEARCH_PATH: '$current' };
    const parameters = { ...context.parameters, ...sought };
    return {
      ...context,
      ...(role === undefined ? {} : { role }),
      ...(warehouse === undefined ? {} : { warehouse }),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    };
  }

  /** Throws `STATEMENT_NOT_ALLOWED` for a change of the session to what is closed. Names as SQL writes them. */
  checkSession(
    change: { readonly [K in keyof WarehouseContext]?: WarehouseContext[K] | null },
    before: WarehouseContext,
  ): void {
    if (change.role) this.#checkRoleOrWarehouse('role', exactName(change.role, 'role'));
    if (change.warehouse) this.#checkRoleOrWarehouse('warehouse', exactName(change.warehouse, 'warehouse'));
    if (!this.restrictsObjects) return;
    for (const name of Object.keys(change.parameters ?? {})) this.#checkParameter(name);
    const place = placeOf({
      ...(change.database || before.database ? { database: change.database || (before.database as string) } : {}),
      ...(change.schema ? { schema: change.schema } : {}),
    });
    if (change.database && place.database !== undefined) this.checkReachable([place.database]);
    if (!change.schema || place.schema === undefined) return;
    if (place.database === undefined) throw this.#unknownPlace(place.schema);
    this.checkReachable([place.database, place.schema]);
  }

  /** Whether the client may know of this database, schema (two names) or table (three): exact names. */
  isReachable(names: readonly string[]): boolean {
    const { databases, schemas, tables } = this.#patterns;
    const open = (patterns: readonly NamePattern[] | undefined, most: number): boolean =>
      patterns === undefined || patterns.some((pattern) => matches(pattern, names.slice(0, most)));
    return open(databases, 1) && open(schemas, 2) && open(tables, 3);
  }

  /** Throws `STATEMENT_NOT_ALLOWED` for a table that is closed, or of which it cannot be told where it lies. */
  checkTable(names: { readonly [K in 'database' | 'schema' | 'table']?: string | undefined }): void {
    const { database, schema, table = '' } = names;
    if (database === undefined || schema === undefined) throw this.#unknownPlace(table);
    this.#checkObject({ kind: 'table', parts: [database, schema, table] }, {});
  }

  /** Throws `STATEMENT_NOT_ALLOWED` where a stored listing may hold more than is open to the client. */
  checkRawListing(): void {
    if (this.restrictsObjects)
      throw this.#refused(
        'a stored listing shows what is closed, too',
        'some objects only are open to it',
        'Call list_databases, list_schemas, list_tables or list_views instead.',
      );
  }

  checkReachable(names: readonly string[]): void {
    if (!this.isReachable(names)) throw this.#closed(names);
  }

  #checkObject({ kind, parts }: NamedObject, place: Place): void {
    if (kind === 'role' || kind === 'warehouse') return this.#checkRoleOrWarehouse(kind, parts[0] ?? '');
    const { schemas, tables } = this.#patterns;
    if (kind === 'database' || kind === 'whole-database') {
      if (parts.length > 1 || (kind === 'whole-database' && (schemas ?? tables) !== undefined))
        throw this.#closed(parts);
      return this.checkReachable(parts);
    }
    const isSchema = kind === 'schema' || kind === 'whole-schema';
    const full = this.#fullName(parts, isSchema ? 2 : 3, place);
    if (kind === 'whole-schema' && tables !== undefined) throw this.#closed(full);
    this.checkReachable(full);
    const [, schema, table] = full;
    if (kind === 'table' && schema === 'INFORMATION_SCHEMA' && !OWN_VIEWS.has(table ?? '')) throw this.#closed(full);
    // A function is none of the tables: where only some are open, it may read another.
    if (kind === 'function' && tables !== undefined)
      throw this.#refused(`${full.join('.')} is a function that may read any table`, 'tables are given');
  }

  #fullName(parts: readonly string[], wanted: number, place: Place): readonly string[] {
    if (parts.length > wanted) throw this.#closed(parts);
    const missing = wanted - parts.length;
    const before = [place.database, ...(wanted === 3 ? [place.schema] : [])].slice(0, missing);
    const onlyDatabases = this.#patterns.schemas === undefined && this.#patterns.tables === undefined;
    return [
      ...before.map((name, index) => {
        // Where only databases are closed, it does not matter which of the schemas is meant.
        if (name === undefined && index === 1 && onlyDatabases) return '';
        if (name === undefined) throw this.#unknownPlace(parts.join('.'));
        return name;
      }),
      ...parts,
    ];
  }

  #confinedMember(member: 'role' | 'warehouse', written: string | undefined): string | undefined {
    const patterns = this.#patterns[`${member}s`];
    if (patterns === undefined) return undefined;
    if (written !== undefined) {
      this.#checkRoleOrWarehouse(member, exactName(written, member));
      return undefined;
    }
    const first = this.#permissions[`${member}s`]?.find((text) => text.startsWith('"') || !text.includes('*'));
    if (first !== undefined) return first;
    throw this.#refused(
      `the session has no ${member}`,
      `${member}s: ${this.#permissions[`${member}s`]?.join(', ') || 'none'}`,
      `Choose a ${member} with set_session.`,
    );
  }

  #checkRoleOrWarehouse(member: 'role' | 'warehouse', name: string): void {
    const patterns = this.#patterns[`${member}s`];
    if (patterns === undefined || patterns.some((pattern) => matches(pattern, [name]))) return;
    throw this.#refused(
      `the ${member} ${name} is closed to it`,
      `${member}s: ${this.#permissions[`${member}s`]?.join(', ') || 'none'}`,
    );
  }

  #checkParameter(name: string): void {
    if (!NAME_PARAMETERS.has(name.toUpperCase())) return;
    throw this.#refused(`${name} changes which object a name means`, 'some objects only are open to it');
  }

  #closed(names: readonly string[]): SnowError {
    const open = (['databases', 'schemas', 'tables'] as const)
      .filter((member) => this.#permissions[member] !== undefined)
      .map((member) => `${member}: ${this.#permissions[member]?.join(', ') || 'none'}`);
    return this.#refused(`${names.join('.')} is closed to it`, open.join('; '));
  }

  #unknownPlace(name: string): SnowError {
    return this.#refused(
      `it cannot be told which ${name} is meant`,
      'the session has no database and schema',
      'Write DATABASE.SCHEMA.TABLE, or give the session a database and a schema with set_session.',
    );
  }

  #refused(
    what: string,
    why: string,
    hint = 'Whoever runs the server can change it: mcp-snow client limit.',
  ): SnowError {
    return new SnowError({
      code: 'STATEMENT_NOT_ALLOWED',
      message: `Not allowed for the client "${this.#client}": ${what} (${why}).`,
      hint,
    });
  }
}

interface Place {
  readonly database?: string;
  readonly schema?: string;
}

function placeOf(context: Pick<WarehouseContext, 'database' | 'schema'>): Place {
  return {
    ...(context.database === undefined ? {} : { database: exactName(context.database, 'database') }),
    ...(context.schema === undefined ? {} : { schema: exactName(context.schema, 'schema') }),
  };
}
