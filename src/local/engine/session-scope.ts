import type {
  GivenMoment,
  NameParts,
  NameScope,
  PastMoment,
  Relation,
  TableArgument,
  UserFunction,
} from '../sql/scope.js';
import { unsupported } from '../sql/syntax-error.js';
import { TokenCursor } from '../sql/token-cursor.js';
import { ValuesNeeded } from '../sql/values-needed.js';
import type { Catalog } from './catalog/catalog.js';
import type { DatabaseEntry, KeptEntry, StreamEntry, TableEntry, ViewEntry } from './catalog/entries.js';
import { catalogFunction } from './catalog-functions.js';
import { contextFunction, isOfTheMoment, type StatementMoment } from './context-functions.js';
import { bindType } from './encoding/bind-type.js';
import type { StatementInput } from './engine.js';
import { accountQueryHistory } from './history-functions.js';
import { informationSchemaView } from './information-schema.js';
import { withRowCounts } from './information-schema-counts.js';
import { LocalError } from './local-error.js';
import { loginHistory } from './login-history.js';
import { tableFunction } from './named-table-functions.js';
import { protectedRelation, visibleRows } from './policies.js';
import type { QueryHistory } from './query-history.js';
import type { ResultTable } from './result-table.js';
import { rowsRelation } from './rows-relation.js';
import type { SessionNames } from './session-names.js';
import { INFORMATION_SCHEMA } from './session-names.js';
import { noCurrentDatabase, notFound, objectNotFound } from './snowflake-errors.js';
import type { SnowflakeType } from './snowflake-type.js';
import { LOAD_HISTORY_COLUMNS, loadHistorySql } from './stages/load-records.js';
import { assertFresh, changesSql, streamColumns } from './stream-changes.js';
import { keptImages } from './versions/kept-images.js';
import { notOfMaterializedViews } from './versions/moments.js';
import { TimeTravel } from './versions/time-travel.js';
import { type OuterScope, ViewScope } from './view-scope.js';

/** What a statement of a session can name. A view's scope is the same with the view's own schema as the current one. */
export class SessionScope implements OuterScope {
  readonly #names: SessionNames;
  readonly #history: QueryHistory;
  readonly #moment: StatementMoment;
  readonly #operation: string;
  readonly #binds: StatementInput['binds'];
  readonly #values: ReadonlyMap<string, readonly string[]> | undefined;
  readonly #travel: TimeTravel;
  readonly #staged: ((name: NameParts) => Relation | undefined) | undefined;
  /**
   * False once something was named whose rows or value may be different the next time, although the session, the tables
   * and the translated SQL are the same.
   */
  #lasting = true;

  /** `operation` is the word in "Cannot perform SELECT. This session does not have a current database." */
  constructor(
    names: SessionNames,
    history: QueryHistory,
    moment: StatementMoment,
    {
      operation,
      binds,
      staged,
      values,
    }: {
      /** What queries gave that the translation asked for. */
      readonly values?: ReadonlyMap<string, readonly string[]>;
      readonly operation: string;
      readonly staged?: (name: NameParts) => Relation | undefined;
    } & Pick<StatementInput, 'binds'>,
  ) {
    this.#names = names;
    this.#history = history;
    this.#moment = moment;
    this.#operation = operation;
    this.#binds = binds;
    this.#staged = staged;
    this.#values = values;
    this.#travel = new TimeTravel(names, history, moment.startedAt, (sql) => this.valuesOf(sql));
  }

  get wideNumbers(): boolean {
    return this.#names.state.wideNumbers;
  }

  /** Whether the translated SQL gives the same for as long as no table that it reads is changed. */
  get lasting(): boolean {
    return this.#lasting;
  }

  relation(name: NameParts, uses?: readonly string[], at?: PastMoment): Relation {
    const staged = this.#staged?.(name);
    if (staged !== undefined) return this.#passing(staged);
    return this.relationOf(this.#names, name, uses, at);
  }

  moment(given: GivenMoment): PastMoment {
    return this.#travel.moment(given, (name) => this.#stream(name).id);
  }

  rowsAt(table: TableEntry, at: PastMoment): string {
    return this.#travel.rowsAt(table, at);
  }

  changes(name: NameParts, from: PastMoment, until: PastMoment | undefined, appendOnly: boolean): Relation {
    return this.changesOf(this.#names, name, from, until, appendOnly);
  }

  changesOf(
    names: SessionNames,
    name: NameParts,
    from: PastMoment,
    until: PastMoment | undefined,
    appendOnly: boolean,
  ): Relation {
    const { entry } = names.relation(name, this.#operation);
    names.assertMay('SELECT', entry);
    if (entry.kind === 'view') throw unsupported('CHANGES of a view');
    return this.#passing(this.#travel.changes(entry, from, until, appendOnly));
  }

  /** With the rights that the names have: a view's are its owner's. */
  relationOf(
    names: SessionNames,
    name: NameParts,
    uses: readonly string[] = ['SELECT'],
    at: PastMoment | undefined = undefined,
  ): Relation {
    const rows = this.#informationSchema(name);
    if (rows !== undefined) return this.#passing('kind' in rows ? rows : rowsRelation(rows));
    const { accessLog } = names.state;
    if (name.join('.') === 'SNOWFLAKE.ACCOUNT_USAGE.LOGIN_HISTORY' && accessLog !== undefined)
      return this.#passing(rowsRelation(loginHistory(accessLog, names)));
    if (name.join('.') === 'SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY') {
      return this.#passing(accountQueryHistory(names, this.#history));
    }
    const stream = names.findStream(name);
    if (stream !== undefined && !this.#isRelation(names, name)) return this.#streamRelation(names, stream);
    const { entry, place } = names.relation(name, this.#operation);
    for (const privilege of uses) names.assertMay(privilege, entry);
    const full = [place.database.name, place.schema.name, entry.name] as const;
    const now =
      entry.kind === 'table' ? tableRelation(entry, full, names.whole) : this.#viewRelation(names, entry, full, at);
    const rowsOf =
      at === undefined || entry.kind === 'view' ? now : this.#passing({ ...now, past: this.#travel.rowsAt(entry, at) });
    const read = protectedRelation(rowsOf, entry, this.#names.whole, this, (policy) =>
      this.#policyScope(names, policy),
    );
    if (read === undefined) return rowsOf;
    if (rowsOf.kind !== 'table' || entry.kind !== 'table') return read;
    return { ...rowsOf, read, ...visibleRows(entry, read) };
  }

  tableFunction(name: NameParts, args: readonly TableArgument[]): Relation | undefined {
    const relation = tableFunction(name, args, this.#operation, this.#names, this.#history);
    return relation === undefined ? undefined : this.#passing(relation);
  }

  #passing<T>(named: T): T {
    this.#lasting = false;
    return named;
  }

  contextFunction(name: string, args: readonly (string | number | null)[]): string | undefined {
    if (name === 'SYSTEM$STREAM_HAS_DATA') return this.#streamHasData(String(args[0] ?? ''));
    const ofCatalog = catalogFunction(name, args, this.#names);
    if (ofCatalog !== undefined) return ofCatalog;
    if (isOfTheMoment(name)) this.#lasting = false;
    return contextFunction(name, args, this.#names.state, this.#moment);
  }

  variable(name: string): string {
    const variable = this.#names.state.variables.get(name);
    if (variable === undefined) {
      throw new LocalError(
        '002211',
        '02000',
        `SQL compilation error: error line 1 at position 7\nSession variable '$${name}' does not exist`,
      );
    }
    return variable.sql;
  }

  parameter(name: string): string {
    return this.#names.state.parameters.text(name);
  }

  bindType(name: string): SnowflakeType | undefined {
    const bind = this.#binds?.[name];
    return bind === undefined ? undefined : bindType(bind);
  }

  functions(name: NameParts): readonly UserFunction[] {
    return this.functionsOf(this.#names, name);
  }

  functionsOf(names: SessionNames, name: NameParts): readonly UserFunction[] {
    const { entries, place } = names.routines('function', name);
    if (place === undefined || entries.length === 0) return [];
    if (entries.some(({ language, volatility }) => language === 'JAVASCRIPT' && volatility !== 'IMMUTABLE')) {
      this.#lasting = false;
    }
    const { database, schema } = place;
    for (const entry of entries) names.assertMay('USAGE', entry);
    return entries.map((entry) => ({
      id: entry.id,
      name: entry.routine,
      arguments: entry.arguments,
      returns: entry.returns,
      ...(entry.table === undefined ? {} : { table: entry.table }),
      language: entry.language,
      body: entry.body,
      strict: entry.strict,
      scope: new ViewScope(this, [database.name, schema.name], names.asOwnerOfRoutine(entry.owner)),
    }));
  }

  valuesOf(sql: string, binds?: readonly string[]): readonly string[] {
    const known = this.#values?.get(sql);
    if (known === undefined) throw new ValuesNeeded(sql, binds);
    return known;
  }

  sequence(name: NameParts): string {
    return this.sequenceOf(this.#names, name);
  }

  sequenceOf(names: SessionNames, name: NameParts): string {
    const { entry } = names.sequence(name);
    names.assertMay('USAGE', entry);
    return `nextval('${entry.physical.schema}.${entry.physical.table}')`;
  }

  #informationSchema(name: NameParts): ResultTable | Relation | undefined {
    const inContext = name.length === 1 && this.#names.state.context.schema === INFORMATION_SCHEMA;
    if (name.at(-2) !== INFORMATION_SCHEMA && !inContext) return undefined;
    const database =
      name.length === 3 ? this.#names.database(name[0] ?? '') : this.#names.currentDatabase(this.#operation);
    if (database === undefined) throw noCurrentDatabase(this.#operation);
    if (name.at(-1) === 'LOAD_HISTORY') return this.#loadHistory(database);
    const table = informationSchemaView(name.at(-1) ?? '', database, this.#names);
    if (table === undefined) throw objectNotFound(name);
    const counted = name.at(-1) === 'TABLES' && /row_count|bytes|\*/i.test(this.#moment.text);
    return counted ? { kind: 'rows', sql: withRowCounts(table, database, this.#names), columns: table.columns } : table;
  }

  #loadHistory(database: DatabaseEntry): Relation {
    const { catalog } = this.#names;
    const tables = catalog
      .children(database.id, 'schema')
      .flatMap((schema) =>
        this.#names.objectsIn(schema, 'table').map(({ id, name }) => ({ id, schema: schema.name, name })),
      );
    return { kind: 'rows', sql: loadHistorySql(tables), columns: LOAD_HISTORY_COLUMNS };
  }

  #policyScope(names: SessionNames, policy: KeptEntry): NameScope {
    const { whole } = this.#names;
    const schema = whole.get(policy.parent);
    const database = schema === undefined ? undefined : whole.get(schema.parent);
    return new ViewScope(this, [database?.name ?? '', schema?.name ?? ''], names.asOwnerOfRoutine(policy.owner));
  }

  #viewRelation(
    names: SessionNames,
    entry: ViewEntry,
    full: readonly [string, string, string],
    at: PastMoment | undefined,
  ): Relation & { readonly kind: 'view' } {
    if (at !== undefined && entry.materialized) throw notOfMaterializedViews();
    return {
      kind: 'view',
      id: entry.id,
      name: full,
      text: entry.query,
      scope: new ViewScope(this, [full[0], full[1]], names.asOwnerOfView(entry.owner), at),
      columnNames: entry.columns.map((column) => column.name),
    };
  }

  /** A table or view hides a stream of its name. */
  #isRelation(names: SessionNames, name: NameParts): boolean {
    const place = names.place(name, this.#operation);
    return names.findRelationIn(place.schema, place.name) !== undefined;
  }

  #streamRelation(names: SessionNames, stream: StreamEntry): Relation {
    this.#lasting = false;
    const table = names.streamSource(stream.id)?.table;
    names.assertMay('SELECT', stream);
    if (table !== undefined) names.assertMay('SELECT', table);
    assertFresh(stream, table);
    return { kind: 'rows', sql: changesSql(stream, table), columns: streamColumns(table), stream: stream.id };
  }

  #stream(name: string): StreamEntry {
    const stream = this.#names.findStream(new TokenCursor(name).name());
    if (stream === undefined) throw notFound('Stream', [name]);
    return stream;
  }

  #streamHasData(name: string): string {
    const relation = this.#streamRelation(this.#names, this.#stream(name));
    return relation.kind === 'rows' ? `EXISTS (SELECT 1 FROM (${relation.sql}) AS "changes")` : 'FALSE';
  }
}

function tableRelation(
  entry: TableEntry,
  name: readonly [string, string, string],
  catalog: Catalog,
): Relation & { readonly kind: 'table' } {
  return {
    kind: 'table',
    id: entry.id,
    name,
    physical: { ...entry.physical, temporary: entry.durability === 'TEMPORARY' },
    columns: entry.columns,
    ...(entry.imagesSince !== undefined && { images: keptImages(entry, catalog) }),
  };
}
